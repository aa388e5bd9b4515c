// The slots of an identity: Azure answers so many of its questions at once, and whoever holds a slot asks one after the
// other. Each slot is a job of pg-boss, of which there is never a second one while the first is waiting or in work, so
// that there are never more holders than slots, however many processes there are.
import type { PgBoss } from 'pg-boss'
import type { Clock } from '../../model/clock.ts'
import { OperationalError } from '../../model/errors.ts'
import type { Database } from './database.ts'

export interface Slot {
  readonly number: number
  /** Of its job; nobody who holds a slot, then or later, has the same. */
  readonly id: string
  /** Aborts once it is not certain any more that the slot is ours. */
  readonly lost: AbortSignal
  /** Whether it still is, by the clock: who was stopped in his tracks asks this before he goes on. */
  held(): boolean
  /** Lets others have it; never rejects. */
  giveUp(): Promise<void>
}

export interface Slots {
  /** A slot that nobody holds; null where there is none at the moment. */
  take(): Promise<Slot | null>
  close(): Promise<void>
}

export interface SlotsOptions {
  readonly database: Database
  readonly clock: Clock
  /** In which pg-boss keeps its tables. */
  readonly schema: string
  /** Of the jobs of this identity. */
  readonly queue: string
  readonly onError: (error: unknown) => void
}

/** Azure allows five questions at once, of which one is left to others. */
export const SLOTS = 4

/** A holder that is not heard of for so long is taken for dead; the least that pg-boss allows. */
const SILENCE_SECONDS = 10
/** How often all holders are looked at, by one process or another. */
const LOOK_SECONDS = 2
const BEAT_MS = 2_500
/** By our own clock we have lost the slot before anybody else can have got it. */
const LEASE_MS = 8_000
const WATCH_MS = 500

/** Makes pg-boss's tables where there are none; processes that start together do so one after the other. */
export async function openSlots({ database, clock, schema, queue, onError }: SlotsOptions): Promise<Slots> {
  // It costs whoever uses SQLite nothing.
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.run(text, values) },
    schema,
    createSchema: false,
    // What is due is told by our own schedule.
    schedule: false,
    superviseIntervalSeconds: LOOK_SECONDS,
    monitorIntervalSeconds: LOOK_SECONDS,
    maintenanceIntervalSeconds: 3_600,
    // Of what there is for much larger queues nothing is wanted.
    flowIntervalSeconds: 3_600,
    bamIntervalSeconds: 3_600,
    registerInstance: false,
    monitorVacuum: false,
    reindex: false
  })
  boss.on('error', onError)
  try {
    await boss.start()
    await boss.createQueue(queue, {
      policy: 'exclusive',
      heartbeatSeconds: SILENCE_SECONDS,
      // A job whose holder is lost is over, and another one takes its place.
      retryLimit: 0,
      deleteAfterSeconds: 60,
      // What bounds a holder is its heartbeat.
      expireInSeconds: 86_400
    })
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {})
    throw error
  }

  const jobs = Array.from({ length: SLOTS }, (_, i) => ({ data: { slot: i + 1 }, singletonKey: String(i + 1) }))
  return {
    async take() {
      // Those that are there already are not inserted.
      await boss.insert(queue, jobs)
      const [job] = await boss.fetch<{ readonly slot: number }>(queue)
      return job === undefined ? null : hold(boss, queue, { id: job.id, number: job.data.slot, clock, onError })
    },
    close: () => boss.stop({ graceful: false })
  }
}

interface Held {
  readonly id: string
  readonly number: number
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

function hold(boss: PgBoss, queue: string, { id, number, clock, onError }: Held): Slot {
  const over = new AbortController()
  const lost = new AbortController()
  let heardAt = clock.now().getTime()
  let beatAt = heardAt
  let beating = false

  const held = (): boolean => !lost.signal.aborted && Math.abs(clock.now().getTime() - heardAt) < LEASE_MS
  const lose = (): void => lost.abort(new OperationalError('cancelled', 'another process took the place of this one'))

  const beat = async (): Promise<void> => {
    beating = true
    beatAt = clock.now().getTime()
    const sentAt = beatAt
    try {
      if (touched(await boss.touch(queue, id))) heardAt = Math.max(heardAt, sentAt)
      else lose()
    } catch (error) {
      onError(error)
    }
    beating = false
  }

  const watch = async (): Promise<void> => {
    while (!over.signal.aborted && held()) {
      if (!beating && Math.abs(clock.now().getTime() - beatAt) >= BEAT_MS) void beat()
      await clock.after(WATCH_MS, over.signal).catch(() => {})
    }
    if (!over.signal.aborted) lose()
  }
  void watch()

  return {
    number,
    id,
    lost: lost.signal,
    held,
    async giveUp() {
      over.abort()
      await boss.deleteJob(queue, id).catch(onError)
    }
  }
}

/** Whether the job was still ours. */
function touched(response: object): boolean {
  return 'affected' in response && response.affected === 1
}
