// The labels that events carry here, and what the service should make of them.

export const LOCATIONS = ['Quarantine', 'Delete', 'Junk', 'Inbox', 'Other'] as const

/** The table's texts, and the location of each; some differ in case alone, and are one label. */
const TEXTS: readonly (readonly [text: string, location: (typeof LOCATIONS)[number]])[] = [
  ['Junk folder', 'Junk'],
  ['JUNK FOLDER', 'Junk'],
  ['Quarantine', 'Quarantine'],
  ['Deleted items', 'Delete'],
  ['Inbox/folder', 'Inbox'],
  ['On-premises/external', 'Other'],
  ['', 'Other']
]

export const PLACES: readonly string[] = TEXTS.map(([text]) => text)
export const TYPES = ['Phish ZAP', 'phish zap', 'Manual Remediation'] as const

const BY_FOLD = new Map(TEXTS.map(([text, location]) => [text.toLowerCase(), location]))

/** Of a text in any case. */
export function locationIs(text: string): (typeof LOCATIONS)[number] {
  return BY_FOLD.get(text.toLowerCase()) ?? 'Other'
}
