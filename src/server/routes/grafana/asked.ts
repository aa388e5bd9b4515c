// One target of a query as it came, read, but not yet looked up in any workspace.
import { BY, STEPS, type By, type Step } from '../../../model/series.ts'
import { membersOf } from '../../members.ts'
import { badParameter } from '../../problem.ts'
import { listOf, payloadOf, textOf, type Members } from './body.ts'
import { expand } from './escaped.ts'
import { payloadFilters, type Filter } from './restrictions.ts'
import { KEYS } from './targets.ts'

export interface Asked {
  readonly refId: string
  /** As it came: it can stand for several. */
  readonly target: string
  readonly by: By | undefined
  readonly step: Step
  readonly filters: readonly Filter[]
  /** What of the payload is not understood, and so left out. */
  readonly ignored: readonly string[]
}

/** A query of annotations, which must be answered by a table whatever its target is. */
export const ANNOTATION_REF = 'Anno'

/** The keys of a payload. */
export const PAYLOAD_KEYS = ['workspace', 'by', 'step', ...KEYS] as const

/** The targets of a query; those that are hidden, or not chosen yet, are left out. */
export function readTargets(body: Members): Asked[] {
  return listOf(body['targets'], 'targets')
    .map(membersOf)
    .flatMap((sent) => {
      const target = textOf(sent['target'], 'target')
      if (target === undefined || sent['hide'] === true) return []
      const payload = payloadOf(sent['payload'])
      return [
        {
          refId: textOf(sent['refId'], 'refId') ?? '',
          target,
          by: oneOf(BY, payload['by'], 'by'),
          step: oneOf(STEPS, payload['step'], 'step') ?? 'day',
          filters: payloadFilters(payload),
          ignored: Object.keys(payload).filter((key) => !PAYLOAD_KEYS.some((each) => each === key))
        }
      ]
    })
}

function oneOf<T extends string>(values: readonly T[], sent: unknown, name: string): T | undefined {
  const text = textOf(Array.isArray(sent) ? sent[0] : sent, name)
  if (text === undefined) return undefined
  const [plain = ''] = expand(text, name)
  const found = values.find((value) => value.toLowerCase() === plain.toLowerCase())
  if (found !== undefined) return found
  throw badParameter(name, `'${plain.slice(0, 100)}' is none of ${values.join(', ')}`)
}
