import type { AzureSourceOptions } from './azure/types.ts'
import { openGraphSource } from './graph.ts'
import { openLogAnalyticsSource } from './log-analytics.ts'
import { openSampleSource } from './sample.ts'
import type { EventSource } from './source.ts'

export interface SourceOptions extends AzureSourceOptions {
  readonly kind: 'sample' | 'log-analytics' | 'graph'
}

const OPENERS = {
  sample: openSampleSource,
  'log-analytics': openLogAnalyticsSource,
  graph: openGraphSource
} as const

/** The source that SOURCE names. Nothing is asked of it, and no library of its is loaded, before the first run. */
export function openSource(options: SourceOptions): EventSource {
  return OPENERS[options.kind](options)
}
