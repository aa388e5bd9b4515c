// What settings may say, but an operator should hear of when the service starts.
import { BlockList, isIP } from 'node:net'
import { nearMisses } from './near-miss.ts'
import type { Environment } from './reader.ts'
import { settings } from './settings.ts'

/** A line for each variable that looks like one of ours with a typing mistake. */
export function mistyped(env: Environment): string[] {
  const names = Object.values(settings).flatMap(({ name }) => [name, `${name}_FILE`])
  return nearMisses(Object.keys(env), names).map(
    ({ variable, name }) => `${variable} is no setting and was not read: was ${name} meant?`
  )
}

/** A line where a choice leaves the service open. */
export function unwise(host: string, auth: 'on' | 'off'): string[] {
  if (auth === 'on' || isLoopback(host)) return []
  return [`AUTH=off with HOST=${host}: whoever reaches this address may read everything and start runs`]
}

/** Only this machine can reach such an address. */
export function isLoopback(host: string): boolean {
  const version = isIP(host)
  if (version === 0) return host.toLowerCase() === 'localhost'
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
