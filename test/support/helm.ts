// A real Helm: the one that HELM names, else the one that a package of npm carries in a zip file.
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflateRawSync } from 'node:zlib'

export interface Helm {
  /** What it prints; rejects with what it says on standard error. */
  (...args: readonly string[]): Promise<string>
}

/** Null where there is none for this machine; `folder` is where it lives. */
export function findHelm(folder: string): Helm | null {
  const file = process.env['HELM'] ?? unpackHelm(folder)
  if (file === null) return null
  // Helm keeps caches and settings at home.
  const env = { HOME: folder, PATH: process.env['PATH'] }
  return async (...args) => {
    try {
      return (await promisify(execFile)(file, args, { env, maxBuffer: 1e7 })).stdout
    } catch (err) {
      throw new Error(err instanceof Error && 'stderr' in err ? String(err.stderr) : String(err), { cause: err })
    }
  }
}

function unpackHelm(folder: string): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  const zip = createRequire(import.meta.url).resolve('@aws-cdk/asset-kubectl-v20/lib/layer.zip')
  const file = join(folder, 'helm')
  writeFileSync(file, memberOf(readFileSync(zip), 'helm/helm'))
  chmodSync(file, 0o755)
  return file
}

/** The directory of a zip file is at its end: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 */
function memberOf(zip: Buffer, name: string): Buffer {
  let at = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06') + 16)
  while (zip.toString('latin1', at, at + 4) === 'PK\x01\x02') {
    const lengths = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    if (zip.toString('utf8', at + 46, at + 46 + (lengths[0] ?? 0)) === name) {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      return inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20)))
    }
    at += 46 + lengths.reduce((sum, length) => sum + length)
  }
  throw new Error(`there is no ${name} in the zip file`)
}
