import t from 'tap'
import { nextRevision, NO_REVISION } from '../../src/model/revision.ts'
import fc from '../support/properties.ts'

const NOW = new Date('2026-11-10T12:00:00.123Z')

t.test('before the first change the revision is 0', async (t) => {
  t.equal(NO_REVISION, 0)
})

t.test('the first revision is the milliseconds since 1970', async (t) => {
  t.equal(nextRevision(NO_REVISION, NOW), 1_794_312_000_123)
})

t.test('a second change within the same millisecond takes the next number', async (t) => {
  const first = nextRevision(NO_REVISION, NOW)
  t.equal(nextRevision(first, NOW), first + 1)
  t.equal(nextRevision(first + 1, NOW), first + 2)
})

t.test('when the clock has moved on, so has the revision', async (t) => {
  t.equal(nextRevision(nextRevision(NO_REVISION, NOW), new Date(NOW.getTime() + 5_000)), NOW.getTime() + 5_000)
})

t.test('when the clock is set back, revisions go on to rise', async (t) => {
  const last = nextRevision(NO_REVISION, NOW)
  t.equal(nextRevision(last, new Date('2026-10-01T00:00:00Z')), last + 1)
})

t.test('a store put back from an older copy issues no number that was issued already', async (t) => {
  const copied = nextRevision(NO_REVISION, NOW)
  const lost = [1, 2, 3].reduce((last) => nextRevision(last, new Date(NOW.getTime() + 60_000)), copied)
  t.ok(nextRevision(copied, new Date(NOW.getTime() + 120_000)) > lost)
})

t.test('whatever the clock does, each revision is the larger of the last plus one and the milliseconds', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4_102_444_800_000 }), { minLength: 1 }), (instants) => {
      let last = NO_REVISION
      return instants.every((ms) => {
        const next = nextRevision(last, new Date(ms))
        const right = next > last && next >= ms && (next === ms || next === last + 1) && Number.isSafeInteger(next)
        last = next
        return right
      })
    })
  )
})
