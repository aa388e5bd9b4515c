// When runs start by themselves. node-cron reads the system's clock, since what it waits for is the time of day.
import { createTask, parse, type ScheduledTask } from 'node-cron'
import { addDays, dayOf } from '../model/day.ts'

export interface Schedule {
  nextRunAt(): Date | null
  /** Whether three scheduled times lie after the first instant and not after the second. */
  hasMissedThree(since: Date, now: Date): boolean
  stop(): Promise<void>
}

export interface ScheduleOptions {
  /** Five or six fields, in UTC. */
  readonly cron: string
  /** Is told the time of the schedule, the same in every process. Must not throw; a run still in progress is its business. */
  readonly tick: (at: Date) => void
}

export function startSchedule({ cron, tick }: ScheduleOptions): Schedule {
  const task = createTask(cron, ({ date }) => tick(wholeSecond(date)), {
    timezone: 'UTC',
    noOverlap: true,
    // A time that was missed while the machine slept needs no word: the next one repairs all.
    suppressMissedWarning: true,
    logger: { info: silent, warn: silent, error: silent, debug: silent }
  })
  void task.start()

  const offsets = timesOfDay(cron)
  let third: { readonly at: Date | undefined; readonly asOf: Date; readonly until: Date } | undefined
  return {
    nextRunAt: () => task.getNextRun(),
    hasMissedThree(since, now) {
      if (third === undefined || now < third.asOf || now >= third.until) {
        const times = lastTimes(task, offsets, now, 3)
        third = { at: times[2], asOf: times[0] ?? now, until: task.getNextRun() ?? now }
      }
      return third.at !== undefined && third.at > since
    },
    async stop() {
      await task.destroy()
    }
  }
}

/** The rarest time that a cron line can name comes once in eight years: on 29 February, across the year 2100. */
const LONGEST_GAP_DAYS = 3 * 8 * 366

/** The last scheduled times up to an instant, newest first. */
function lastTimes(task: ScheduledTask, offsets: readonly number[], now: Date, count: number): Date[] {
  const times: Date[] = []
  for (let day = dayOf(now), i = 0; i < LONGEST_GAP_DAYS && times.length < count; day = addDays(day, -1), i++) {
    const start = Date.parse(day)
    // The times of day are the same on every day that the other fields name, so one of them tells of all.
    if (!task.match(new Date(start + (offsets[0] ?? 0)))) continue
    const passed = offsets.filter((offset) => start + offset <= now.getTime()).slice(0, count - times.length)
    times.push(...passed.map((offset) => new Date(start + offset)))
  }
  return times
}

/** The times of day that a cron line names, in milliseconds since midnight, latest first. */
function timesOfDay(cron: string): number[] {
  const { hour, minute, second } = parse(cron)
  const offsets = hour.flatMap((h) => minute.flatMap((m) => second.map((s) => ((h * 60 + m) * 60 + s) * 1_000)))
  return offsets.toSorted((a, b) => b - a)
}

/** A schedule is as fine as a second. */
function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1_000) * 1_000)
}

function silent(): void {}
