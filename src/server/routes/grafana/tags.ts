// POST /tag-keys and /tag-values: what a dashboard can be filtered by (ad hoc filters).
import { badParameter } from '../../problem.ts'
import type { Answer, GrafanaOptions } from './answer.ts'
import { textOf } from './body.ts'
import { listValues } from './lists.ts'
import { adHocFilters } from './restrictions.ts'
import { KEYS } from './targets.ts'

const TAGS = ['workspace', ...KEYS] as const

export function createTagKeys(): Answer {
  return async () => TAGS.map((text) => ({ type: 'string', text }))
}

export function createTagValues({ workspaces }: GrafanaOptions): Answer {
  return async (caller, body) => {
    const asked = textOf(body['key'], 'key')
    const key = TAGS.find((each) => each === asked)
    if (key === undefined) throw badParameter('key', `there are values of ${TAGS.join(', ')}`)
    // Those of the workspace that the dashboard is filtered by already.
    const filters = adHocFilters(body).filter((filter) => filter.key === 'workspace')
    const values = await listValues(key, { caller, filters }, workspaces)
    return values.map((text) => ({ text }))
  }
}
