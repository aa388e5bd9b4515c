import t from 'tap'
import { alternatives, expand } from '../../src/server/routes/grafana/escaped.ts'
import fc from '../support/properties.ts'

/** As Grafana fills in a variable under the format `regex`. */
function escaped(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}

function filledIn(values: readonly string[]): string {
  const texts = values.map(escaped)
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join('|')})`
}

const TEXT = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...String.raw`ab\^$*+?.()|[]{}/`.split('')) }))

t.test('one value or several, as Grafana fills them in, are the values that were chosen', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(TEXT, { minLength: 1, maxLength: 20 }), (values) => {
      t.strictSame(expand(filledIn(values), 'target'), values)
      t.strictSame(
        alternatives(filledIn(values), 'filters', () => false),
        values
      )
    })
  )
})

t.test('a variable within a text is replaced by each of its values', async (t) => {
  t.same(expand('actionType: (Phish ZAP|Malware ZAP)', 'target'), ['actionType: Phish ZAP', 'actionType: Malware ZAP'])
  t.same(expand('(a|b)-(c|d)', 'target'), ['a-c', 'a-d', 'b-c', 'b-d'])
})

t.test('what was typed as it is stays as it is', async (t) => {
  for (const text of ['(none)', 'a.b', 'Inbox/folder', 'a|b', '(a', 'a)', 'a\\', String.raw`a\b`, '']) {
    t.same(expand(text, 'target'), [text])
  }
  t.same(
    expand('X (a|b)', 'target', (text) => text === 'X (a|b)'),
    ['X (a|b)'],
    'a text that is known'
  )
})

function read(pattern: string): string[] {
  return alternatives(pattern, 'filters', (text) => text === '(none)' || text === 'a.b')
}

t.test('a pattern of alternatives is taken literally, any other is refused and never run', async (t) => {
  t.same(read('Inbox'), ['Inbox'])
  t.same(read('Inbox|Junk'), ['Inbox', 'Junk'])
  t.same(read('(Inbox|Junk)'), ['Inbox', 'Junk'])
  t.same(read('^(Inbox|Junk)$'), ['Inbox', 'Junk'])
  t.same(read('Inbox/folder'), ['Inbox/folder'])
  t.same(read('(none)'), ['(none)'], 'a value that there is')
  t.same(read('a.b|(none)'), ['a.b', '(none)'])
  for (const pattern of [
    '.*',
    'In.*',
    'In?box',
    '[IJ]nbox',
    '(a|(b|c))',
    '(a+)+$',
    'a{2}',
    'a(',
    '(a|b)(c|d)',
    '\\d'
  ]) {
    t.throws(
      () => read(pattern),
      { code: 'invalid-request', message: /more of a regular expression than is understood/ },
      pattern
    )
  }
})

t.test('the number of values has a limit, which is met before they are made', async (t) => {
  const many = `(${Array.from({ length: 11 }, (_, i) => i).join('|')})`
  t.throws(() => expand(many.repeat(200), 'target'), {
    code: 'invalid-request',
    message: 'target: has more than 100 values'
  })
  t.throws(() => alternatives('a|'.repeat(101), 'filters', () => false), { code: 'invalid-request' })
})
