// How fast an export is counted, and in how much memory: `node bench/import.ts [events] [csv|ndjson|json]`.
// The file is made first, as the portal would write it, in the folder for temporary files, and removed at the end. It
// is counted by a process of its own, so that the peak of memory is that of the counting.
import { execFileSync } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { countExport } from '../src/ingest/export-file.ts'

const NOW = new Date('2026-11-24T12:00:00Z')
const DAYS = 180
const LOCATIONS = ['Junk folder', 'Quarantine', 'Inbox/folder', 'Deleted items', 'On-premises/External', '', 'FAILED']
const TYPES = ['Phish ZAP', 'Malware ZAP', 'Spam ZAP', 'Manual Remediation']

const [first = '500000', second = 'csv'] = process.argv.slice(2)
if (first === '--count') await countFile(second)
else await measure(Number(first), second)

async function measure(events: number, format: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'import-bench-'))
  try {
    const file = join(folder, `events.${format}`)
    await pipeline(Readable.from(write(events, format)), createWriteStream(file))
    const megabytes = Math.round((await stat(file)).size / 1e6)
    process.stdout.write(`${format}: ${events} events, ${megabytes} MB\n`)
    execFileSync(process.execPath, [import.meta.filename, '--count', file], { stdio: 'inherit' })
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function countFile(file: string): Promise<void> {
  const start = performance.now()
  const counts = await countExport(createReadStream(file), file, {
    range: { from: null, to: null },
    timeZone: null,
    timeColumn: 'auto',
    now: NOW
  })
  const seconds = (performance.now() - start) / 1000
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  const rate = Math.round(counts.events / seconds)
  process.stdout.write(`${counts.events} events of ${counts.days.length} days in ${seconds.toFixed(1)} s, `)
  process.stdout.write(`${rate} a second, at most ${peak} MiB resident\n`)
}

function* write(events: number, format: string): Generator<string> {
  const names = Object.keys(event(0, events))
  if (format === 'csv') yield `\ufeff${names.join(',')}\r\n`
  if (format === 'json') yield '['
  let text = ''
  for (let i = 0; i < events; i++) {
    const fields = event(i, events)
    if (format === 'csv') text += `${Object.values(fields).map(quote).join(',')}\r\n`
    else if (format === 'json') text += `${i === 0 ? '' : ',\n'}${JSON.stringify(fields)}`
    else text += `${JSON.stringify(fields)}\n`
    if (text.length < 65_536) continue
    yield text
    text = ''
  }
  yield text
  if (format === 'json') yield ']'
}

/** One of so many events, spread over the days; about 400 bytes. */
function event(i: number, events: number): Record<string, string> {
  const time = new Date(NOW.getTime() - (1 - i / events) * DAYS * 86_400_000).toISOString()
  const id = `d1b7a1e2-6c3f-4b0a-9d3e-${String(i).padStart(12, '0')}`
  return {
    Timestamp: time.replace('Z', '4567Z'),
    NetworkMessageId: id,
    InternetMessageId: `<CAF${i}.abcdefghijklmnopqrstuv@mail.example.com>`,
    Action: 'Moved to quarantine',
    ActionType: TYPES[i % TYPES.length] ?? '',
    ActionTrigger: i % 9 === 0 ? 'AdminAction' : 'SpecialAction',
    ActionResult: i % 50 === 0 ? 'Error' : 'Success',
    RecipientEmailAddress: `user${i % 1000}.lastname@contoso.example.com`,
    DeliveryLocation: LOCATIONS[i % LOCATIONS.length] ?? '',
    ThreatTypes: 'Phish, Spam',
    DetectionMethods: '{"Phish":["URL detonation reputation","Advanced filter"],"Spam":["Mixed analysis detection"]}',
    ReportId: `${id}-1234567`
  }
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
