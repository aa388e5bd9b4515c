// What the files of docker/grafana ask of the API, read as Infinity reads them.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const FOLDER = new URL('../../docker/grafana/', import.meta.url)

/** A query of Infinity, as far as we write them. */
export interface InfinityQuery {
  readonly refId: string
  readonly type: string
  readonly source: string
  readonly parser: string
  readonly format: string
  readonly url: string
  readonly url_options: { readonly method: string; readonly params: readonly { key: string; value: string }[] }
  readonly root_selector: string
  readonly columns: readonly Column[]
  readonly filterExpression?: string
}

export interface Column {
  readonly selector: string
  readonly text: string
  readonly type: string
}

/** A query with where it stands. */
export interface Asked {
  readonly where: string
  readonly datasource: string
  readonly query: InfinityQuery
}

interface DatasourceRef {
  readonly type: string
  readonly uid: string
}

type Target = InfinityQuery & { readonly datasource: DatasourceRef }

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource: DatasourceRef
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly Target[]
}

export interface Dashboard {
  readonly uid: string
  readonly timezone: string
  readonly time: { readonly from: string; readonly to: string }
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: { readonly list: readonly { readonly name: string; readonly target?: Target }[] }
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly infinityQuery: Target }
}

export interface AlertRule {
  readonly uid: string
  readonly title: string
  readonly condition: string
  readonly noDataState: string
  readonly execErrState: string
  readonly annotations: Readonly<Record<string, string>>
  readonly data: readonly {
    readonly refId: string
    readonly datasourceUid: string
    readonly model: InfinityQuery & { readonly expression?: string }
  }[]
}

export interface Datasource {
  readonly name: string
  readonly uid: string
  readonly type: string
  readonly url: string
  readonly jsonData: Readonly<Record<string, unknown>>
  readonly secureJsonData: Readonly<Record<string, string>>
}

export function readGrafanaFile(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8')
}

export const dashboard = JSON.parse(readGrafanaFile('dashboards/post-delivery.json')) as Dashboard

export const { datasources } = parse(readGrafanaFile('provisioning/datasources/post-delivery.yaml')) as {
  datasources: readonly Datasource[]
}

export const jsonDatasources = (parse(readGrafanaFile('json-data-source.yaml')) as { datasources: Datasource[] })
  .datasources

export const alertRules = (
  parse(readGrafanaFile('provisioning/alerting/post-delivery.yaml')) as { groups: { rules: AlertRule[] }[] }
).groups.flatMap(({ rules }) => rules)

/** Every query of the dashboard: of its panels, its annotations and its variables. */
export const dashboardQueries: readonly Asked[] = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => asked(`panel ${title}`, target))),
  ...dashboard.annotations.list.flatMap(({ name, target }) =>
    target === undefined ? [] : [asked(`annotation ${name}`, target)]
  ),
  ...dashboard.templating.list.flatMap(({ name, query }) =>
    typeof query === 'string' ? [] : [asked(`variable ${name}`, query.infinityQuery)]
  )
]

export const alertQueries: readonly Asked[] = alertRules.flatMap(({ title, data }) =>
  data
    .filter(({ datasourceUid }) => datasourceUid !== '__expr__')
    .map(({ datasourceUid, model }) => ({ where: `rule ${title}`, datasource: datasourceUid, query: model }))
)

function asked(where: string, target: Target): Asked {
  return { where, datasource: target.datasource.uid, query: target }
}

/** The address that Infinity asks, its variables replaced by these values. */
export function addressOf(
  { url, url_options: { params } }: InfinityQuery,
  values: Readonly<Record<string, string>>
): string {
  const query = new URLSearchParams(params.map(({ key, value }): [string, string] => [key, fillIn(value, values)]))
  return query.size === 0 ? url : `${url}?${query.toString()}`
}

/** Throws for a variable that has no value. */
function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`there is no variable ${name}`)
    return value
  })
}

/** What a path like `expected.0` selects; undefined where there is nothing. */
export function select(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    return (at as Record<string, unknown>)[key]
  }, value)
}
