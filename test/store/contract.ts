// What every store has to keep, whatever it is built on.
import type { Test } from 'tap'
import { atOnceContract } from './contract/at-once.ts'
import { bindingContract } from './contract/binding.ts'
import { dayContract } from './contract/days.ts'
import { damageContract } from './contract/damage.ts'
import { historyContract } from './contract/history.ts'
import { keyContract } from './contract/keys.ts'
import { labelContract } from './contract/labels.ts'
import { logContract } from './contract/log.ts'
import { runContract } from './contract/runs.ts'
import type { FreshStore } from './contract/support.ts'
import { trimContract } from './contract/trim.ts'
import { workspaceContract } from './contract/workspaces.ts'

/** Adds a test for each claim; `fresh` makes an empty store for one of them. So many random histories are tried. */
export function storeContract(t: Test, fresh: FreshStore, histories = 40): void {
  workspaceContract(t, fresh)
  dayContract(t, fresh)
  labelContract(t, fresh)
  logContract(t, fresh)
  trimContract(t, fresh)
  bindingContract(t, fresh)
  atOnceContract(t, fresh)
  runContract(t, fresh)
  keyContract(t, fresh)
  damageContract(t, fresh)
  historyContract(t, fresh, histories)
}
