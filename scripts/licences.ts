// Lists the licence of every package that runs in production, and fails for one that nobody has agreed to yet:
// `npm run licences`.
import { productionPackages, type ProductionPackage } from './production.ts'

/** All of them permissive: they ask for their notice to be kept, which every package brings along in its folder. */
const AGREED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  // Taken as MIT.
  '(MIT OR CC0-1.0)'
])

/** Those with another licence, several to choose from, or none: somebody has to read it. */
export function notAgreed(packages: readonly ProductionPackage[]): ProductionPackage[] {
  return packages.filter(({ licence }) => !AGREED.has(licence))
}

if (import.meta.main) {
  const packages = productionPackages()
  const lines = packages.map(({ name, version, licence }) => `${licence.padEnd(14)} ${name} ${version}`)
  console.log([...new Set(lines)].toSorted().join('\n'))
  for (const { name, version, licence } of notAgreed(packages)) {
    console.error(`${name} ${version}: '${licence}' is not agreed to; read it, then add it to scripts/licences.ts`)
    process.exitCode = 1
  }
}
