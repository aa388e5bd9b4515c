// Whose `X-Forwarded-*` is believed.
import { BlockList, isIPv6 } from 'node:net'

/** Whether an address is that of a proxy that we were told of. */
export type Trust = (address: string) => boolean

/** Of addresses and CIDRs, which the settings have checked; an IPv4 address fits also where it comes as IPv6. */
export function createTrust(proxies: readonly string[]): Trust {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/')
    if (prefix === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(prefix), familyOf(address))
  }
  return (address) => trusted.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}
