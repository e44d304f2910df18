/**
 * The name we give ourselves in EHLO when nobody has said one. RFC 5321 4.1.4: "The SMTP client MUST, if possible, ensure that the
 * domain parameter to the EHLO command is a primary host name …"; where the host has none, 4.1.3: an address literal.
 *
 * In: this end of the connection. Out: the host's name when it is a fully-qualified domain, else the local IP address as a literal, IPv6 written
 * `[IPv6:…]`. It asks no resolver, so it cannot block.
 */
import { hostname } from 'node:os'
import { validateDomain } from '@postrider/codec'

/** @param localAddress - the IP address of our end; `undefined` for a Unix socket */
export function helloName(localAddress: string | undefined, host: string = hostname()): string {
  if (isQualified(host)) return host
  if (localAddress === undefined) return 'localhost'
  // A zone means nothing to the peer, and an IPv4 address in IPv6's clothes is an IPv4 address.
  const address = localAddress.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  const literal = address.includes(':') ? `[IPv6:${address}]` : `[${address}]`
  return isValid(literal) ? literal : '[127.0.0.1]'
}

function isQualified(host: string): boolean {
  return host.includes('.') && !/^[\d.]+$/.test(host) && isValid(host)
}

function isValid(name: string): boolean {
  try {
    validateDomain(name)
    return true
  } catch {
    return false
  }
}
