// What `doctor` asks of a source: whether one workspace can be read, and what is in the way.
import type { Binding } from '../model/store.ts'
import { createAzureExaminer } from './azure/examine.ts'
import { graphParts } from './graph.ts'
import { logAnalyticsParts } from './log-analytics.ts'
import type { SourceOptions } from './open.ts'
import type { SourceWorkspace } from './source.ts'

/** One check. `skipped`: another one that failed leaves nothing to look at, which is no verdict. */
export interface Finding {
  readonly check: string
  readonly status: 'ok' | 'fail' | 'skipped'
  /** One line. */
  readonly detail: string
  /** Where it failed, always. */
  readonly remedy?: string
}

export interface Examination {
  readonly findings: readonly Finding[]
  /** What a run would bind the name to; null where that is not known. */
  readonly binding: Binding | null
}

/** Never rejects for what the source does, and ends within three deadlines; rejects with `cancelled`. */
export type Examine = (workspace: SourceWorkspace, signal: AbortSignal) => Promise<Examination>

/** The same questions as a run asks, once, and nothing is stored. */
export function openExaminer(options: SourceOptions): Examine {
  if (options.kind === 'log-analytics') return createAzureExaminer(logAnalyticsParts(options), options)
  if (options.kind === 'graph') return createAzureExaminer(graphParts(options), options)
  const detail = 'SOURCE=sample: every count of this workspace is invented; nothing is asked of Azure'
  return async () => ({ findings: [{ check: 'workspace', status: 'ok', detail }], binding: null })
}
