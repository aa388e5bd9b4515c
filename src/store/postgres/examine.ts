// Looks at a database without changing anything in it.
import { OperationalError } from '../../model/errors.ts'
import { describeAddress } from './address.ts'
import { asOpeningError } from './failure.ts'
import { readFormat, refuseNewerFormat, type Format } from './format.ts'
import { openPool, statement } from './pool.ts'

const MAY_MAKE = statement<{ readonly schema: string | null; readonly may: boolean | null }>(
  'may_make',
  "select current_schema() as schema, has_schema_privilege(current_schema(), 'create') as may"
)

/**
 * The format of the store in a database; null where there is none yet, and one could be made. Rejects with
 * `store-unavailable` where that cannot be, or a newer program has written it.
 */
export async function lookAt(url: string): Promise<Format | null> {
  const address = describeAddress(url)
  const connections = openPool(url)
  try {
    const session = await connections.lend()
    const format = await readFormat(session)
    const [making] = await session.query(MAY_MAKE)
    session.release(false)
    if (format !== undefined) refuseNewerFormat(format, address)
    else if (making?.may !== true) throw mayNotMake(address, making?.schema ?? null)
    return format ?? null
  } catch (error) {
    throw asOpeningError(error, address)
  } finally {
    await connections.close()
  }
}

function mayNotMake(address: string, schema: string | null): OperationalError {
  const message =
    schema === null
      ? `no schema of the search path is there in ${address}: make it first`
      : `the user may make no tables in the schema ${schema} of ${address}: grant it 'create' there`
  return new OperationalError('store-unavailable', message)
}
