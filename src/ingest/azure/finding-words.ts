// What was found, in one line each.
import { eventsOf, foldLabel, locationOf, LOCATIONS, type DayCounts } from '../../model/cube.ts'
import { addDays, daysBetween, lengthOf, type Day } from '../../model/day.ts'
import type { SourceBounds } from '../../model/reading.ts'
import { plain } from './text.ts'
import type { AzureSourceOptions } from './types.ts'
import type { SeenAnswer } from './witness.ts'

const MAX_LABELS_SHOWN = 10
/** A source that is well has a row every other day, in all but the smallest organisations. */
const SILENT_DAYS = 3

/** The source writes its time to the second, somewhere between question and answer. */
export function describeSkew(date: Date, { sentAt, receivedAt }: SeenAnswer): string {
  const behind = sentAt.getTime() - date.getTime() - 1_000
  const ahead = date.getTime() - receivedAt.getTime()
  const apart = Math.max(0, behind, ahead)
  return `${date.toISOString()} by the source, ${apart < 1_000 ? 'as by ours' : `${Math.round(apart / 1_000)} s from ours`}`
}

/** How far the source reaches, and what is remarkable about that. */
export function describeBounds(bounds: SourceBounds, { retentionDays }: AzureSourceOptions): string {
  const { today, firstArrival, lastArrival, proof } = bounds
  const kept = daysBetween(firstArrival, today)
  const silent = daysBetween(lastArrival, today)
  return [
    `rows arrived from ${firstArrival} to ${lastArrival}`,
    proof === null ? 'no day can become final yet' : `days before ${proof} can become final`,
    ...(kept < retentionDays
      ? [`${kept} days, less than the ${retentionDays} of SOURCE_RETENTION_DAYS: it began then, or keeps no more`]
      : []),
    ...(silent >= SILENT_DAYS ? [`nothing arrived for ${silent} days: is the connector still on?`] : [])
  ].join('; ')
}

/** The delivery locations of these days by the location that they count for; those that no rule names come last. */
export function describeLabels(days: readonly DayCounts[]): string {
  const counts = new Map<string, { readonly label: string; count: number }>()
  for (const { deliveryLocation: label, count } of days.flatMap(({ cells }) => cells)) {
    const known = counts.get(foldLabel(label))
    if (known === undefined) counts.set(foldLabel(label), { label, count })
    else known.count += count
  }
  if (counts.size === 0) return `no event in the last ${days.length} days`
  const all = [...counts.values()].toSorted((a, b) => b.count - a.count)
  const parts = LOCATIONS.flatMap((location) => {
    const labels = all.filter(({ label }) => locationOf(label) === location)
    if (labels.length === 0) return []
    const shown = labels.slice(0, MAX_LABELS_SHOWN).map(({ label, count }) => `${name(label)} ${count}`)
    if (labels.length > shown.length) shown.push(`and ${labels.length - shown.length} more`)
    return [`${location === 'Other' ? 'Other (no rule names them)' : location}: ${shown.join(', ')}`]
  })
  return `in ${days.length} days, ${parts.join('; ')}`
}

/** The events of the day before; null where the source begins on it or later. */
export function describeYesterday(
  days: readonly DayCounts[],
  today: Day,
  { firstArrival }: SourceBounds
): string | null {
  const yesterday = addDays(today, -1)
  const counts = days.find(({ day }) => day === yesterday)
  if (counts === undefined || lengthOf({ from: firstArrival, to: yesterday }) <= 1) return null
  const events = eventsOf(counts.cells)
  return `${events} ${events === 1 ? 'event' : 'events'} on ${yesterday}`
}

function name(label: string): string {
  return label === '' ? '(none)' : `'${plain(label, 64)}'`
}
