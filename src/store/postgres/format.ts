// The format of a store: the number of migrations that were applied to it.
import { randomUUID } from 'node:crypto'
import { OperationalError } from '../../model/errors.ts'
import { DatabaseFailure } from './failure.ts'
import { statement, type Connections, type Session } from './pool.ts'
import { FORMAT_TABLE, MIGRATIONS } from './schema.ts'

export interface Format {
  readonly format: number
  /** Another store has another. */
  readonly store: string
  /** A store is being moved in here, and is not whole yet. */
  readonly moving: boolean
}

const EXISTS = statement<{ exists: boolean }>('exists', "select to_regclass('store_format') is not null as exists")
const SELECT = statement<Format>('format', 'select format, store, moving from store_format')
const LOCK = statement<Format>('lock_format', 'select format, store, moving from store_format for update')
const INSERT = statement(
  'make_format',
  'insert into store_format (one, format, store) values (1, 0, $1) on conflict (one) do nothing'
)
const COUNT = statement('count_format', 'update store_format set format = $1')
const MOVING = statement('set_moving', 'update store_format set moving = $1')

/** Undefined where there is no store of ours yet. */
export async function readFormat(session: Session): Promise<Format | undefined> {
  const [found] = await session.query(EXISTS)
  return found?.exists === true ? (await session.query(SELECT))[0] : undefined
}

/** Throws `store-unavailable` where only a newer program knows what it means. */
export function refuseNewerFormat({ format }: Pick<Format, 'format'>, address: string): void {
  if (format <= MIGRATIONS.length) return
  throw new OperationalError(
    'store-unavailable',
    `${address} has format ${format}, and this program knows formats up to ${MIGRATIONS.length}: ` +
      `use the newer version of post-delivery-series that wrote it, or a copy of the database from before`
  )
}

/** Throws `store-unavailable` where a store is only half there. */
export function refuseHalfMoved({ moving }: Format, address: string): void {
  if (!moving) return
  const remedy = "run the same 'migrate' again, which goes on where it stopped"
  throw new OperationalError(
    'store-unavailable',
    `a store was being moved into ${address}, and is not whole: ${remedy}`
  )
}

/** Brings the database to this program's format; nothing is changed in one of a newer format. */
export async function bringToFormat(connections: Connections, address: string): Promise<void> {
  const session = await connections.lend()
  let useless = true
  try {
    const found = await readFormat(session)
    if (found !== undefined) refuseNewerFormat(found, address)
    if (found?.format !== MIGRATIONS.length) await migrate(session, address)
    useless = false
  } finally {
    session.release(useless)
  }
}

/** All in one transaction, which another process that starts at the same time waits for, and then looks again. */
async function migrate(session: Session, address: string): Promise<void> {
  await makeFormatTable(session)
  await session.query(INSERT, [randomUUID()])
  await session.run('begin')
  const [locked] = await session.query(LOCK)
  const format = locked?.format ?? 0
  refuseNewerFormat({ format }, address)
  for (const sql of MIGRATIONS.slice(format)) await session.run(sql)
  await session.query(COUNT, [MIGRATIONS.length])
  await session.commit()
}

/** Where two make it at the same time, one of them is told that it is there already, in one of several ways. */
async function makeFormatTable(session: Session): Promise<void> {
  try {
    await session.run(FORMAT_TABLE)
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || !['23505', '42P07', '42710'].includes(error.code)) throw error
  }
}

/** Whoever has it changes the format, or moves a store in, alone. To be called in a transaction. */
export async function lockFormat(session: Session): Promise<Format> {
  const [format] = await session.query(LOCK)
  if (format === undefined) throw new Error('the format of the store is gone')
  return format
}

export async function setMoving(session: Session, moving: boolean): Promise<void> {
  await session.query(MOVING, [moving])
}
