// The process that plays. It tells the one that watches it (sim/watch.ts) where it is, and in the end what came of it.
import { simulate } from './simulate.ts'
import type { News, Task } from './watch.ts'

const tell = (news: News): void => void process.send?.(JSON.stringify(news))

// Nobody waits for it any more. The listener alone does not keep it alive: where nothing is under way, it ends.
process.on('disconnect', () => process.exit(1))
process.channel?.unref()

const { simulation, folder }: Task = JSON.parse(process.argv[2] ?? '')
const simulated = await simulate(simulation, folder, {
  at: (place) => tell({ kind: 'at', place }),
  failed: (failure) => tell({ kind: 'failed', failure })
})
const { user, system } = process.cpuUsage()
tell({ kind: 'ended', played: { ...simulated, cpuMs: (user + system) / 1_000 } })
