import type { Clock } from '../model/clock.ts'
import type { EventSource } from './source.ts'
import { openSampleSource } from './sample.ts'

export interface SourceOptions {
  readonly kind: 'sample'
  readonly clock: Clock
  readonly lagDays: number
  readonly retentionDays: number
}

/** The source that SOURCE names. Nothing is asked of it, and no library of its is loaded, before the first run. */
export function openSource(options: SourceOptions): EventSource {
  return openSampleSource(options)
}
