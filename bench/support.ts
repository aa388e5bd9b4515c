// What the benchmarks share: a store of many days, and figures that are told the same way.
import { cpus } from 'node:os'
import Database from 'better-sqlite3'
import { hashOfKey } from '../src/model/api-key.ts'
import { locationOf, LOCATIONS, type CellCount } from '../src/model/cube.ts'
import { addDays, dayOf, eachDay, numberOfDay, type Day, type DayRange } from '../src/model/day.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { systemClock } from '../src/system-clock.ts'

const TODAY = dayOf(systemClock.now())

/** So many days, the last of them yesterday. */
export function lastDays(days: number): DayRange {
  return { from: addDays(TODAY, -days), to: addDays(TODAY, -1) }
}

const DELIVERY_LOCATIONS = ['Quarantine', 'Junk folder', 'Inbox/Folder', 'Deleted items', 'On-premises/External']
const ACTION_TYPES = ['Phish ZAP', 'Malware ZAP', 'Spam ZAP', 'Manual Remediation', 'Automated Remediation']

/** 25 counts of one to three digits, the same ones whenever a day is asked for. */
export function cellsOf(day: Day): CellCount[] {
  return DELIVERY_LOCATIONS.flatMap((deliveryLocation, i) =>
    ACTION_TYPES.map((actionType, j) => ({
      deliveryLocation,
      actionType,
      actionTrigger: j < 3 ? 'SpecialAction' : 'AdminAction',
      actionResult: 'Success',
      count: 1 + ((numberOfDay(day) * 7 + i * 31 + j * 17) % 240)
    }))
  )
}

/** Writes so many days, the last of them yesterday, into a workspace; returns the first and the last. */
export async function fillStore(path: string, name: string, days: number): Promise<DayRange> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const range = lastDays(days)
  const workspace = await store.ensureWorkspace(name)
  const readings = eachDay(range).map((day) => ({ day, cells: cellsOf(day) }))
  await store.applyImport(workspace, readings, { today: TODAY, lagDays: 7, ranged: true, replace: false })
  await store.checkpoint()
  await store.close()
  return range
}

/** Makes a key that may read everything; returns it. */
export async function addKey(path: string): Promise<string> {
  const store = await openSqliteStore({ path, clock: systemClock })
  const key = `pds_${'bench'.padEnd(43, '0')}`
  const made = { id: 'bench', prefix: key.slice(0, 10), hash: hashOfKey(key) }
  await store.addApiKey({ name: 'bench', scopes: ['read'], workspaces: null, expires: null }, made)
  await store.close()
  return key
}

/** The same counts as one would store them in an hour: a row for each cell, with its location. */
export function fillNaive(path: string, range: DayRange): void {
  const db = new Database(path)
  db.exec(`
    create table cell (day text, delivery_location text, action_type text, action_trigger text, action_result text,
      location text, count integer);
    create index cell_of_day on cell (day)`)
  const insert = db.prepare('insert into cell values (?, ?, ?, ?, ?, ?, ?)')
  db.transaction(() => {
    for (const day of eachDay(range)) {
      for (const { deliveryLocation, actionType, actionTrigger, actionResult, count } of cellsOf(day)) {
        const location = locationOf(deliveryLocation)
        insert.run(day, deliveryLocation, actionType, actionTrigger, actionResult, location, count)
      }
    }
  })()
  db.close()
}

/** Asks for them as one would write it in an hour, from one day to another. */
export function openNaive(path: string): (range: { readonly from: string; readonly to: string }) => object {
  const db = new Database(path, { readonly: true })
  const select = db.prepare<[string, string], { day: string; location: string; count: number }>(`
    select day, location, sum(count) as count from cell
    where day between ? and ?
    group by day, location`)
  return ({ from, to }) => {
    const days = new Map<string, Record<string, number | string>>()
    for (const { day, location, count } of select.iterate(from, to)) {
      let row = days.get(day)
      if (row === undefined) {
        row = { date: day, ...Object.fromEntries(LOCATIONS.map((each) => [each, 0])) }
        days.set(day, row)
      }
      row[location] = count
    }
    return { series: [...days.values()] }
  }
}

/** The value below which so many of the values lie; of a median, 0.5. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The day and the machine that figures belong to. */
export function whereAndWhen(): string {
  const [cpu] = cpus()
  return `${dayOf(systemClock.now())}, ${cpus().length} x ${cpu?.model ?? 'unknown processor'}, Node ${process.version}`
}
