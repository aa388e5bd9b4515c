// Prints the bill of materials of what runs in production, as CycloneDX 1.5: `npm run --silent sbom`. It is made from the
// lock file alone, and the same lock file gives the same bytes.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { productionPackages } from './production.ts'

interface Bill {
  serialNumber: string
  metadata: { timestamp?: string; component: { name: string } }
  components: readonly { readonly 'bom-ref': string }[]
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const ROOT = new URL('../', import.meta.url)
const OPTIONS = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']

/** An instant of the commit, in seconds since 1970, where the bill is to say one. */
const { SOURCE_DATE_EPOCH } = process.env

const bill = await askNpm()
const production = new Set(productionPackages().map(({ name, version }) => `${name}@${version}`))

// npm's own --omit=dev also leaves out what is needed by both, us and a tool of development.
bill.components = bill.components.filter((component) => production.has(component['bom-ref']))
const known = new Set([...production, ...bill.dependencies.slice(0, 1).map(({ ref }) => ref)])
bill.dependencies = bill.dependencies
  .filter(({ ref }) => known.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => production.has(each)) }))

// npm takes the name of the folder, the present time and a number by chance.
bill.metadata.component.name = 'post-delivery-series'
delete bill.metadata.timestamp
if (SOURCE_DATE_EPOCH) bill.metadata.timestamp = new Date(Number(SOURCE_DATE_EPOCH) * 1_000).toISOString()
bill.serialNumber = ''
bill.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bill))}`
console.log(JSON.stringify(bill, null, 2))

async function askNpm(): Promise<Bill> {
  const { stdout } = await promisify(execFile)('npm', ['sbom', ...OPTIONS], { cwd: ROOT, maxBuffer: 1e8 })
  const told: Bill = JSON.parse(stdout)
  return told
}

/** Version 8 of RFC 9562: bits of our own choice. */
function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-a$4-$5')
}
