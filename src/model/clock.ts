/** The only way in which time enters. */
export interface Clock {
  now(): Date
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts first. */
  after(ms: number, signal?: AbortSignal): Promise<void>
}
