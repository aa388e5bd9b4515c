// Whom a connection comes from, as far as requests are counted by it.
import { isIPv4, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

/**
 * What one user of the internet has: an IPv4 address, or the /64 of an IPv6 address, within which anyone can take as many
 * addresses as they like. An IPv4 address that comes as IPv6 is the same one.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [plain = ''] = address.split('%', 1)
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = tail === undefined ? before : [...before, ...zeros, ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 address at the end stands for two groups, which never are among the first four. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
}

/** Where a request comes from: through proxies that we trust the address that they name. */
export function addressOf(request: FastifyRequest): string {
  const forwarded = request.headers['x-forwarded-for'] !== undefined
  // Without that header both are the same, and the second one costs nothing.
  return (forwarded ? request.ip : request.raw.socket.remoteAddress) ?? ''
}
