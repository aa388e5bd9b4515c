import t from 'tap'
import { OperationalError } from '../../src/model/errors.ts'

t.test(
  'an error that was foreseen has a code and a message for the caller, and a cause for the operator',
  async (t) => {
    const cause = new Error('ECONNREFUSED')
    const error = new OperationalError('source-unavailable', 'Log Analytics did not answer', { cause })
    t.ok(error instanceof Error)
    t.equal(error.code, 'source-unavailable')
    t.equal(error.cause, cause)
    t.equal(String(error), 'OperationalError: Log Analytics did not answer')
  }
)
