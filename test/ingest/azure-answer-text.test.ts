// From bytes to JSON, and from the words of others to ours; without a network.
import t from 'tap'
import { readBody } from '../../src/ingest/azure/body.ts'
import { checkClocks } from '../../src/ingest/azure/clocks.ts'
import { isObject, property } from '../../src/ingest/azure/json.ts'
import { parseBody } from '../../src/ingest/azure/parse.ts'
import { plain } from '../../src/ingest/azure/text.ts'

const rejected = { name: 'OperationalError', code: 'source-rejected' }
const incomplete = { name: 'OperationalError', code: 'source-incomplete' }

// --- bytes ------------------------------------------------------------------------------------------------------

interface Sent {
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** How many chunks were taken, and whether somebody said that no more are wanted. */
  readonly taken: { count: number; ended: boolean }
}

function sending(...parts: readonly (Uint8Array | string | Error)[]): Sent {
  const taken = { count: 0, ended: false }
  async function* send(): AsyncGenerator<Uint8Array | string> {
    try {
      for (const part of parts) {
        taken.count++
        if (part instanceof Error) throw part
        yield part
      }
    } finally {
      taken.ended = true
    }
  }
  return { chunks: send(), taken }
}

t.test('a body is its chunks one after the other, text or bytes, also where they part a character', async (t) => {
  const euro = Buffer.from('€')
  t.equal(await readBody(sending('{"a":', euro.subarray(0, 1), euro.subarray(1), '}').chunks), '{"a":€}')
  t.equal(await readBody(sending().chunks), '')
})

t.test('a body may be as long as the limit, and of a longer one no more is read', async (t) => {
  t.equal(await readBody(sending('€', 'ab').chunks, 5), '€ab')
  const { chunks, taken } = sending('€', 'abc', 'more', 'and more')
  await t.rejects(readBody(chunks, 5), { ...rejected, message: /longer than 5 bytes/ })
  t.strictSame(taken, { count: 2, ended: true })
})

t.test('a body that breaks off is incomplete, with what was read until then and why', async (t) => {
  const cause = new Error('socket hang up')
  await t.rejects(readBody(sending('{"a"', ':1', cause).chunks), { ...incomplete, message: /after 6 bytes/, cause })
})

t.test('a body that is no UTF-8 is rejected', async (t) => {
  await t.rejects(readBody(sending(Buffer.from([0x7b, 0xff, 0x7d])).chunks), { ...rejected, message: /UTF-8/ })
  await t.rejects(readBody(sending(Buffer.from('€').subarray(0, 2)).chunks), rejected, 'or ends within a character')
})

t.test('an answer is a JSON object, whatever space stands before it', async (t) => {
  t.strictSame(parseBody('{"a":1}'), { a: 1 })
  t.strictSame(parseBody(' \r\n\t{}'), {})
})

t.test('an answer that is empty or cut proves nothing, and one that is something else is not the source', async (t) => {
  for (const text of ['', ' \n']) t.throws(() => parseBody(text), { ...incomplete, message: /is empty/ })
  for (const text of ['{', '{"a":[1,', '{"a":1}}', '{a}']) {
    t.throws(() => parseBody(text), { ...incomplete, message: /is cut/ }, text)
  }
  for (const text of ['[]', 'null', '<html>', '"text"', ' 5']) t.throws(() => parseBody(text), rejected, text)
})

t.test('of an answer that cannot be read the cause quotes only the beginning', async (t) => {
  t.plan(1)
  try {
    parseBody(`{"${'x'.repeat(5_000)}`)
  } catch (error) {
    t.ok(((error as Error).cause as Error).message.length <= 200)
  }
})

t.test('a property is found whatever its case, the first of several, and of objects only', async (t) => {
  t.equal(property({ Other: 1, TABLES: 2, tables: 3 }, 'tables'), 2)
  t.equal(property({ tables: null }, 'tables'), null)
  for (const other of [null, undefined, 'tables', 5, ['tables'], {}]) t.equal(property(other, 'length'), undefined)
  t.strictSame([{}, [], null, 'text', 5].map(isObject), [true, false, false, false, false])
})

// --- clocks -----------------------------------------------------------------------------------------------------

const SENT = new Date('2026-11-20T12:00:00.000Z')
const RECEIVED = new Date('2026-11-20T12:01:00.000Z')
const check = (header: string | null): Date | null => checkClocks(header, SENT, RECEIVED)

t.test('clocks may be ten minutes apart, before the question and after the answer', async (t) => {
  for (const at of ['11:50:00', '12:00:30', '12:11:00']) {
    t.strictSame(check(`Fri, 20 Nov 2026 ${at} GMT`), new Date(`2026-11-20T${at}Z`))
  }
  for (const at of ['11:49:59', '12:11:01']) {
    t.throws(() => check(`Fri, 20 Nov 2026 ${at} GMT`), {
      code: 'clock-skew',
      message: new RegExp(`our clock says 2026-11-20T12:01:00.000Z and the source's 2026-11-20T${at}.000Z`)
    })
  }
})

t.test('a source that does not tell its time, or not in a way that can be read, is not judged by it', async (t) => {
  for (const header of [null, '', 'now', 'Fri, 45 Nov 2026']) t.equal(check(header), null, `${header}`)
})

// --- words of others --------------------------------------------------------------------------------------------

t.test('words of others become one line, without what a terminal or a log could take for more', async (t) => {
  t.equal(plain('  first\r\n\tsecond \u2028 third\u0007\u200e  '), 'first second third')
  t.equal(plain('\u001b[31mred\u001b[0m'), '[31mred [0m')
  t.equal(plain('Zürich 東京'), 'Zürich 東京')
  t.equal(plain(''), '')
})

t.test('what is long enough to be a token is left out of words of others', async (t) => {
  const token = 'eyJ0eXAiOiJKV1Qi.LCJhbGciOiJS-_~+=abcd12'
  t.equal(token.length, 40)
  t.equal(plain(`the token ${token} has expired`), 'the token … has expired')
  t.equal(plain(`the token ${token}${token} has expired`), 'the token … has expired')
  t.equal(plain(`the id ${token.slice(1)} is unknown`), `the id ${token.slice(1)} is unknown`)
})

t.test('words of others are cut at the length that is wanted, not within a character', async (t) => {
  t.equal(plain('one two three', 13), 'one two three')
  t.equal(plain('one two three', 7), 'one two…')
  t.equal(plain('ab 😀', 4), 'ab \ufffd…')
  t.equal(plain('\ud800 half'), '\ufffd half')
  t.equal(plain('a b '.repeat(200)).length, 401)
})
