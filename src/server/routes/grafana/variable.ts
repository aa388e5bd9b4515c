// POST /variable and /search: the values of dashboard variables.
import { membersOf } from '../../members.ts'
import { badParameter } from '../../problem.ts'
import type { Answer, GrafanaOptions } from './answer.ts'
import { payloadOf, textOf } from './body.ts'
import { expand } from './escaped.ts'
import { findList, listValues, LISTS } from './lists.ts'
import { payloadFilters } from './restrictions.ts'

export function createVariable({ workspaces }: GrafanaOptions): Answer {
  return async (caller, body) => {
    const sent = body['payload']
    // What is typed into the editor comes as `target`; some versions send the text itself.
    const payload = typeof sent === 'string' && !sent.trim().startsWith('{') ? { target: sent } : payloadOf(sent)
    const asked = textOf(payload['target'], 'target') ?? 'targets'
    const [text = ''] = expand(asked, 'target')
    const name = findList(text)
    if (name === undefined) {
      throw badParameter('target', `there are no values of '${text.slice(0, 100)}', but of ${LISTS.join(', ')}`)
    }
    const filters = payloadFilters(payload).filter(({ key }) => key === 'workspace')
    const values = await listValues(name, { caller, filters }, workspaces)
    return values.map((value) => ({ __text: value, __value: value }))
  }
}

/** SimpleJSON asks with whatever was typed so far: a list of that name, else the targets in which it occurs. */
export function createSearch({ workspaces }: GrafanaOptions): Answer {
  return async (caller, body) => {
    const sent = textOf(body['target'] ?? membersOf(body['payload'])['target'], 'target') ?? ''
    const [text = ''] = sent === '' ? [] : expand(sent, 'target')
    const values = await listValues(findList(text) ?? 'targets', { caller, filters: [] }, workspaces)
    const typed = text.trim().toLowerCase()
    return findList(text) === undefined ? values.filter((value) => value.toLowerCase().includes(typed)) : values
  }
}
