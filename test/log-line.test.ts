import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { LOG_LINES } from '../src/parts.ts'

t.test('whatever a line of the log tells, it is one line, and looks like what it is', async (t) => {
  let written = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk)
      done()
    }
  })
  const log = pino(LOG_LINES, stream)
  const hostile = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('')
  log.info({ label: hostile, err: new Error(`a\n{"level":60}\u009b31m${hostile}`) }, 'met \u202e')
  t.equal(written.split('\n').length, 2)
  // oxlint-disable-next-line no-control-regex
  t.notMatch(written.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\ufeff]/)
  t.match(JSON.parse(written), { label: hostile, msg: 'met \u202e' }, 'and nothing of it is lost')
})
