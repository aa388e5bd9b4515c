// POST /metrics and /metric-payload-options: what the query builder offers.
import { badParameter } from '../../problem.ts'
import type { Answer, GrafanaOptions } from './answer.ts'
import { PAYLOAD_KEYS } from './asked.ts'
import { payloadOf, textOf, type Members } from './body.ts'
import { listTargets, listValues } from './lists.ts'
import { payloadFilters, type Filter } from './restrictions.ts'
import { findTarget, type Target } from './targets.ts'

/** So many options come along with each target; of more, the builder asks when its list is opened. */
const MAX_OPTIONS = 50

type PayloadKey = (typeof PAYLOAD_KEYS)[number]
type Options = readonly { readonly label: string; readonly value: string }[]

export function createMetrics({ workspaces }: GrafanaOptions): Answer {
  return async (caller, body) => {
    const filters = workspaceFilters(body)
    const targets = await listTargets({ caller, filters }, workspaces)
    const fixed = new Map<PayloadKey, Options>()
    for (const key of ['workspace', 'by', 'step', 'location'] as const) {
      const options = toOptions(await listValues(key, { caller, filters }, workspaces))
      if (options.length <= MAX_OPTIONS) fixed.set(key, options)
    }
    return withChosen(body, targets).map((target) => ({
      value: target.name,
      label: labelOf(target),
      payloads: payloadKeys(target).map((name) => ({
        name,
        type: name === 'workspace' || name === 'by' || name === 'step' ? 'select' : 'multi-select',
        placeholder: PLACEHOLDERS[name],
        // The labels that are offered are those of the workspace.
        reloadMetric: name === 'workspace',
        options: fixed.get(name)
      }))
    }))
  }
}

export function createPayloadOptions({ workspaces }: GrafanaOptions): Answer {
  return async (caller, body) => {
    const asked = textOf(body['name'], 'name')
    const name = PAYLOAD_KEYS.find((key) => key === asked)
    if (name === undefined) throw badParameter('name', `there are options of ${PAYLOAD_KEYS.join(', ')}`)
    return toOptions(await listValues(name, { caller, filters: workspaceFilters(body) }, workspaces))
  }
}

/** The builder drops what is chosen where it is not in the list, as a label is that another workspace has. */
function withChosen(body: Members, targets: readonly Target[]): readonly Target[] {
  const chosen = findTarget(textOf(body['metric'], 'metric') ?? '')
  return chosen === undefined || targets.some(({ name }) => name === chosen.name) ? targets : [...targets, chosen]
}

/** The labels that are offered are those of the workspace that is chosen already. */
export function workspaceFilters(body: Members): Filter[] {
  return payloadFilters(payloadOf(body['payload'])).filter(({ key }) => key === 'workspace')
}

const PLACEHOLDERS: { readonly [K in PayloadKey]: string } = {
  workspace: 'default',
  by: 'one series',
  step: 'day',
  location: 'all',
  deliveryLocation: 'all',
  actionType: 'all',
  actionTrigger: 'all',
  actionResult: 'all'
}

function labelOf(target: Target): string {
  if (target.kind === 'all') return 'total of all locations'
  return target.kind === 'each' ? `each ${target.name}` : target.name
}

/** What a target can still be divided and restricted by. */
function payloadKeys(target: Target): PayloadKey[] {
  if (target.kind === 'marks') return ['workspace']
  return PAYLOAD_KEYS.filter((key) => {
    if (key === 'by') return target.kind !== 'each'
    return target.kind !== 'one' || key !== target.key
  })
}

function toOptions(values: readonly string[]): Options {
  return values.map((value) => ({ label: value, value }))
}
