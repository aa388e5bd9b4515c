// `verify`: every checksum and every rule that the store keeps; what the log can put back is put back.
import { toRanges } from '../model/day.ts'
import { print, readWords, UsageError, type Command } from './command.ts'
import { withExistingStore } from './existing-store.ts'

export const verifyCommand: Command = async (words, config) => {
  const { positionals } = readWords('verify', words, {})
  if (positionals.length > 0) throw new UsageError(`verify takes no '${positionals[0]}': see --help`)
  return withExistingStore(config, async (store) => {
    const workspaces = await store.workspaces()
    for (const workspace of workspaces) {
      const { healed } = await store.heal(workspace)
      for (const { from, to } of toRanges(healed)) print(`${workspace.name}: ${from} to ${to} put back from the log`)
    }
    const faults = await store.verify()
    for (const fault of faults) print(fault)
    if (faults.length === 0) print(`the store is whole: ${workspaces.length} workspaces checked`)
    return faults.length === 0 ? 0 : 1
  })
}
