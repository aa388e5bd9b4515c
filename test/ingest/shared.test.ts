// Work shared between processes on one database: who works on what, and that never too many do.
import t from 'tap'
import { startPostgres } from '../support/postgres.ts'
import { openFleet, until } from '../support/shared.ts'

const postgres = await startPostgres(t)

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `w${String(i).padStart(2, '0')}`)
}

t.test(
  'processes that start together share what is due, each workspace once and never more than four at once',
  async (t) => {
    const names = namesOf(24)
    const fleet = openFleet(t, await postgres.schema(), names)
    const peers = await Promise.all([fleet.peer(), fleet.peer(), fleet.peer()])
    const at = new Date('2026-11-24T08:07:00Z')
    for (const { ingester } of peers) ingester.requestDue('schedule', at)
    fleet.answerMs = 150

    await until(() => peers.flatMap(({ ended }) => ended).length >= names.length)
    const runs = peers.flatMap(({ ended }) => ended)
    t.same(
      fleet.asked.toSorted(),
      names.flatMap((name) => [name, name]),
      'at the start and at the edge of each run'
    )
    t.match(runs, Array(names.length).fill({ trigger: 'schedule', status: 'succeeded', daysStored: 30 }))
    t.equal(fleet.mostAtOnce, 4)
    t.ok(peers.filter(({ ended }) => ended.length > 0).length > 1, 'more than one took part')
    t.same(
      peers.flatMap(({ logged }) => logged),
      []
    )
  }
)
