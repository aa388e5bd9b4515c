// `verify`: every checksum and every rule that the store keeps; what the log can put back is put back.
import { toRanges } from '../model/day.ts'
import { openStore } from '../store/open.ts'
import { systemClock } from '../system-clock.ts'
import { print, readWords, UsageError, type Command } from './command.ts'

export const verifyCommand: Command = async (words, config) => {
  const { positionals } = readWords('verify', words, {})
  if (positionals.length > 0) throw new UsageError(`verify takes no '${positionals[0]}': see --help`)
  const store = await openStore(config.storeUrl, systemClock)
  try {
    const workspaces = await store.workspaces()
    for (const workspace of workspaces) {
      const { healed } = await store.heal(workspace)
      for (const { from, to } of toRanges(healed)) print(`${workspace.name}: ${from} to ${to} put back from the log`)
    }
    const faults = await store.verify()
    for (const fault of faults) print(fault)
    if (faults.length === 0) print(`the store is whole: ${workspaces.length} workspaces checked`)
    return faults.length === 0 ? 0 : 1
  } finally {
    await store.close()
  }
}
