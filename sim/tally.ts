// How often each thing happened: what never does is not simulated, whatever the name of a step says.

/** Steps, faults of the source, what they led to, and what was looked at. */
export const KINDS = [
  'days pass',
  'a run',
  'a backfill',
  'a forced read',
  'a run is joined',
  'several at once',
  'an import',
  'an import of a range',
  'an import that replaces',
  'an import of an incomplete file',
  'events arrive late, within the lag',
  'events arrive late, beyond the lag',
  'the source throttles',
  'the source is away',
  'the source times out',
  'the source refuses us',
  'the source rejects the question',
  'the source answers in part',
  'a bug of ours',
  'a question is cancelled',
  'a question for as many days as one may be',
  'the source can not answer for one day',
  'the source hides events',
  'the source shows no events',
  'the source shows no row',
  'the source is well again',
  'events are purged',
  'the source keeps less than believed',
  'the source forgets by arrival',
  'the source forgets by event time',
  'the lag and the retention are set',
  'the clock is a month ahead',
  'the clock is a day back',
  'the clock is minutes off',
  'clock-skew',
  'a restart',
  'an upgrade',
  'one process is killed',
  'all are killed',
  'all are killed within a transaction',
  'a power cut',
  'a power cut: the write is gone',
  'a power cut: the write is there',
  'a copy is made',
  'a copy is made within a transaction',
  'a restore',
  'a restore beside runs',
  'a workspace is renamed',
  'a workspace gets another source',
  'a run is refused: source-changed',
  'a workspace is bound anew',
  'a workspace is removed',
  'somebody waits for a lock',
  'time passes under a run',
  'midnight passes under a run',
  'an older answer is dropped',
  'the first day is dropped',
  'the first day gains',
  'a day shrank',
  'a final day is read again',
  'a lower reading',
  'a lower reading is confirmed',
  'a day becomes final',
  'a day becomes lost',
  'a lost day is filled',
  'a day is quiet',
  'an import leaves a day alone',
  'the window moves on under a run',
  'bounds are older than those kept',
  'a final day is wrong, and may be',
  'answer: series',
  'answer: the default range',
  'answer: weeks',
  'answer: months',
  'answer: CSV by delivery location',
  'answer: NDJSON, long',
  'answer: as of a revision',
  'answer: as of a time',
  'answer: changes',
  'answer: a cursor that is gone',
  'answer: status',
  'answer: metrics',
  'answer: a series beside writes',
  'answer: changes beside writes',
  'answer: 304'
] as const

export type Kind = (typeof KINDS)[number]

export interface Tally {
  note(kind: Kind): void
  readonly counts: ReadonlyMap<Kind, number>
}

export function createTally(): Tally {
  const counts = new Map<Kind, number>(KINDS.map((kind) => [kind, 0]))
  return { counts, note: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1) }
}

export function neverSeen(counts: readonly (readonly [Kind, number])[]): Kind[] {
  return counts.filter(([, count]) => count === 0).map(([kind]) => kind)
}
