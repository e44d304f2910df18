/**
 * What each kind of fault is: in words, and as a script for the wire.
 *
 * In: a cell of the table of faults, and the reply a client expects at that moment. Out: what the server takes as said, and what it
 * does in its place.
 */
import type { Fault, FaultKind } from './fault.js'
import type { Step } from './script.js'

type Cell = Pick<Fault, 'phase' | 'kind'>

/** Every kind in words. */
export const MISHAPS: { readonly [K in FaultKind]: string } = {
  rst: 'the connection is reset',
  fin: 'the server closes its half of the connection',
  stall: 'nothing ever comes',
  drip: 'a reply comes octet by octet and never ends',
  tls: 'TLS ends without close_notify, in the handshake with an alert',
  garbage: 'a line comes that is no reply',
  oversize: 'a reply comes, 200 KiB long',
  wrongClass: 'a reply comes of a class that cannot be',
  extra: 'a reply comes, and another behind it',
  mismatch: 'a reply comes whose lines have different codes',
  '421': '421 comes, and the server closes its half of the connection',
  '4yz': 'the server refuses for now',
  '5yz': 'the server refuses for good',
}

/** @param good the reply that is expected at that moment; '' where none is. */
export function scriptFor(cell: Cell, good: string): { readonly reply?: string; readonly steps: readonly Step[] } {
  if (cell.phase === 'P15') return { steps: [{ reply: true }, { wait: 20 }, ...onTheWire(cell, good)] }
  const refusal = refusalAt(cell)
  return { ...(refusal !== undefined && { reply: refusal }), steps: onTheWire(cell, good) }
}

/** More than the 128 KiB a client should bear in one reply. */
const ENDLESS_LINES = 200
const ALERT = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40) // TLS: fatal handshake_failure
const SLOW_RECORD = Uint8Array.of(0x16, 3, 3, 0x40, 0, ...new Uint8Array(1000)) // TLS: 16 KiB of handshake to come

function onTheWire({ phase, kind }: Cell, good: string): readonly Step[] {
  const code = good.slice(0, 3)
  switch (kind) {
    case 'rst':
      return [{ end: 'reset' }]
    case 'fin':
      return [{ end: 'halfClose' }]
    case 'stall':
      return [{ stall: true }]
    case 'drip':
      return [
        { send: phase === 'P4' ? SLOW_RECORD : `${code}-drip\r\n`.repeat(1000), split: 1, gap: 5 },
        { stall: true },
      ]
    case 'tls':
      return phase === 'P4' ? [{ wait: 20 }, { send: ALERT }, { stall: true }] : [{ end: 'cut' }]
    case 'garbage':
      return [{ send: 'this is no reply\r\n' }]
    case 'oversize':
      return [{ send: `${`${code}-${'x'.repeat(1000)}\r\n`.repeat(ENDLESS_LINES)}${good}\r\n` }]
    case 'wrongClass':
      return [{ send: code === '250' ? '354 go\r\n' : '250 2.0.0 ok\r\n' }]
    case 'extra':
      return [{ send: `${good}\r\n250 2.0.0 and another\r\n` }]
    case 'mismatch':
      return [{ send: `${code}-one thing\r\n550 and another\r\n` }]
    case '421':
      return [{ send: `${refusalAt({ phase, kind })}\r\n` }, { end: 'halfClose' }]
    case '4yz':
    case '5yz':
      return [{ send: `${refusalAt({ phase, kind })}\r\n` }]
  }
}

/** The refusal the server goes on from as well; undefined where it believes that all is well. */
function refusalAt({ phase, kind }: Cell): string | undefined {
  if (kind === '421') return '421 4.3.2 closing down'
  const inAuth = phase === 'P6' || phase === 'P7'
  if (kind === '4yz') return inAuth ? '454 4.7.0 not now' : '451 4.3.0 not now'
  if (kind !== '5yz') return undefined
  if (inAuth) return '535 5.7.8 wrong'
  // Not one of the codes upon which a client may try HELO.
  return phase === 'P2' || phase === 'P5' ? '521 5.3.2 no mail here' : '550 5.7.1 never'
}
