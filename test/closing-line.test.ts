import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import ClosingLine from '../scripts/closing-line.ts'

const shown = (tap: string): Promise<string> => text(Readable.from([tap]).pipe(new ClosingLine()))

t.test('a line for each file, then what failed with where and why, and the count of named tests last', async (t) => {
  const tap = `TAP version 14
# Subtest: test/one.test.ts
    # Subtest: adds
        # Subtest: small numbers
            not ok 1 - should be equal
              ---
              diff: |
                -2
                +1
              ...
            1..1
        not ok 1 - small numbers # time=1ms
        1..1
    not ok 1 - adds # time=2ms
    ok 2 - takes away # time=1ms
    ok 3 - shares # SKIP no other
    1..3
not ok 1 - test/one.test.ts # time=1500ms
# Subtest: test/two.test.ts
    ok 1 - holds # time=1ms
    1..1
ok 2 - test/two.test.ts # time=20ms
# Subtest: test/three.test.ts
    1..0 # no tests found
not ok 3 - test/three.test.ts # time=20ms
  ---
  exitCode: 1
  ...
1..3
`
  t.equal(
    await shown(tap),
    `not ok test/one.test.ts # 1.5 s
ok test/two.test.ts # 0.0 s
not ok test/three.test.ts # 0.0 s

not ok test/one.test.ts > adds > small numbers > should be equal
  diff: |
    -2
    +1

not ok test/three.test.ts
  exitCode: 1
tests: 2 passed, 2 failed, 1 skipped
`
  )
})

t.test('where nothing failed the files and the count are all', async (t) => {
  const tap = 'TAP version 14\n# Subtest: a\n    ok 1 - holds\n    1..1\nok 1 - a # time=100ms\n1..1\n'
  t.equal(await shown(tap), 'ok a # 0.1 s\ntests: 1 passed, 0 failed\n')
})

t.test('a bail out counts, with its reason', async (t) => {
  t.equal(
    await shown('TAP version 14\nBail out! no core left\n'),
    '\nBail out! no core left\ntests: 0 passed, 1 failed\n'
  )
})
