// What is counted: for each day, how many action events had each combination of the table's four small labels.
import type { Day } from './day.ts'
import { OperationalError } from './errors.ts'

/** The canonical final locations, in the order in which they are always shown. */
export const LOCATIONS = ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'] as const
export type Location = (typeof LOCATIONS)[number]

/** The four labels of a count, in the order in which cells are sorted, stored and summed. */
export const DIMENSIONS = ['deliveryLocation', 'actionType', 'actionTrigger', 'actionResult'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** One combination of labels, spelled as the table does; a label may be empty. */
export type Cell = { readonly [D in Dimension]: string }
/** How many action events had these labels: an integer, at least 1. */
export type CellCount = Cell & { readonly count: number }

/** All that is known of one day; a quiet day has no cells. */
export interface DayCounts {
  readonly day: Day
  readonly cells: readonly CellCount[]
}

/** More combinations in one day than this are no small labels but something else (an id, a subject). */
export const MAX_CELLS_PER_DAY = 10_000
/** The longest label, in bytes of UTF-8. */
export const MAX_LABEL_BYTES = 256

const RULES: readonly (readonly [Location, readonly string[]])[] = [
  ['Quarantine', ['quarantine']],
  ['Delete', ['delete', 'deleted']],
  ['Junk', ['junk']],
  ['Inbox', ['inbox']]
]

/**
 * The canonical location of the table's own text: by whole terms (maximal runs of letters and digits, as KQL's `has`
 * matches them), whatever their case; the first rule that matches wins, and what no rule names is `Other`.
 */
export function locationOf(deliveryLocation: string): Location {
  const terms = new Set(deliveryLocation.toLowerCase().match(/[\p{L}\p{N}]+/gu))
  return RULES.find(([, words]) => words.some((word) => terms.has(word)))?.[0] ?? 'Other'
}

/** Labels that are equal when folded are one label. Computed here and never by a database, which folds otherwise. */
export function foldLabel(text: string): string {
  return text.toLowerCase()
}

/** What is wrong with a label, or undefined. */
export function faultOfLabel(text: string): string | undefined {
  if (Buffer.byteLength(text) > MAX_LABEL_BYTES) return `is longer than ${MAX_LABEL_BYTES} bytes`
  if (/\p{Cc}/u.test(text)) return 'holds a control character'
  if (!text.isWellFormed()) return 'is no well-formed text'
  return undefined
}

/** How many events the cells count together. */
export function eventsOf(cells: readonly CellCount[]): number {
  return cells.reduce((sum, cell) => sum + cell.count, 0)
}

/** How a workspace spells a label that it has seen; undefined for a new one. */
export type Spelling = (dimension: Dimension, folded: string) => string | undefined

/**
 * The cells of one day as they are compared and stored: labels spelled as `spelling` knows them, else as first met
 * here; cells that fall together added; sorted by their labels. Throws `source-rejected` where a cell breaks a limit,
 * a count is no positive safe integer, or there are too many cells.
 */
export function foldCells(cells: Iterable<CellCount>, spelling?: Spelling): CellCount[] {
  const steps = foldInSteps(cells, spelling)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** So many cells take a millisecond or two where this is done for the first time. */
const FOLD_STEP = 500

/** As `foldCells`; wherever it yields, somebody else may have a turn. */
export function* foldInSteps(
  cells: Iterable<CellCount>,
  spelling: Spelling = () => undefined
): Generator<undefined, CellCount[], undefined> {
  const met = new Map<string, string>()
  const spelled = DIMENSIONS.map(() => new Map<string, string>())
  const all: (Cell & { count: number })[] = []
  let total = 0
  const spell = (index: number, dimension: Dimension, text: string): string => {
    const before = spelled[index]?.get(text)
    if (before !== undefined) return before
    const fault = faultOfLabel(text)
    if (fault !== undefined) reject(`the ${dimension} ${JSON.stringify(text.slice(0, 64))} ${fault}`)
    const fold = foldLabel(text)
    const label = met.get(`${dimension} ${fold}`) ?? spelling(dimension, fold) ?? text
    met.set(`${dimension} ${fold}`, label)
    spelled[index]?.set(text, label)
    return label
  }
  for (const raw of cells) {
    const { count } = raw
    if (!Number.isSafeInteger(count) || count < 1) reject(`a count of ${count} is no positive whole number`)
    total += count
    if (!Number.isSafeInteger(total)) reject(`the counts of a day add up to ${total}, which is not exact`)
    all.push({
      deliveryLocation: spell(0, 'deliveryLocation', raw.deliveryLocation),
      actionType: spell(1, 'actionType', raw.actionType),
      actionTrigger: spell(2, 'actionTrigger', raw.actionTrigger),
      actionResult: spell(3, 'actionResult', raw.actionResult),
      count
    })
    if (all.length % FOLD_STEP === 0) yield
  }
  const folded: typeof all = []
  for (const cell of all.toSorted(byLabels)) {
    const last = folded.at(-1)
    if (last !== undefined && byLabels(last, cell) === 0) last.count += cell.count
    else folded.push(cell)
  }
  if (folded.length > MAX_CELLS_PER_DAY) reject(`${folded.length} cells in a day are more than ${MAX_CELLS_PER_DAY}`)
  return folded
}

/** Whether two lists of folded cells say the same. */
export function sameCells(a: readonly CellCount[], b: readonly CellCount[]): boolean {
  return (
    a.length === b.length &&
    a.every((cell, i) => {
      const other = b[i]
      return other !== undefined && cell.count === other.count && byLabels(cell, other) === 0
    })
  )
}

/** The order of cells: by the first label that differs. */
function byLabels(a: Cell, b: Cell): number {
  if (a.deliveryLocation !== b.deliveryLocation) return a.deliveryLocation < b.deliveryLocation ? -1 : 1
  if (a.actionType !== b.actionType) return a.actionType < b.actionType ? -1 : 1
  if (a.actionTrigger !== b.actionTrigger) return a.actionTrigger < b.actionTrigger ? -1 : 1
  if (a.actionResult !== b.actionResult) return a.actionResult < b.actionResult ? -1 : 1
  return 0
}

function reject(message: string): never {
  throw new OperationalError('source-rejected', message)
}
