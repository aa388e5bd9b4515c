// What runs in production beside our own code: the packages of the lock file that are no development tools.
import { readFileSync } from 'node:fs'

export interface ProductionPackage {
  readonly name: string
  readonly version: string
  /** As the package says, in the words of SPDX; empty where it says nothing. */
  readonly licence: string
  /** Where `npm ci` puts it. */
  readonly path: string
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; license?: string; dev?: true }>>
}

/** In the order of their names; one that lies in several places is there as often. */
export function productionPackages(): ProductionPackage[] {
  const lock: Lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version, license = '' }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return { name, version, licence: license, path }
    })
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version) || compare(a.path, b.path))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
