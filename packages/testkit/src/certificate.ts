/**
 * A self-signed X.509 certificate, made on the spot, so that a test can speak TLS with no file, no openssl and no network.
 *
 * In: the names a client may know the server by, and from when to when. Out: private key and certificate as PEM.
 * A fresh P-256 key per certificate; `createCertificate()` without options answers one and the same per process.
 * What it is not: an authority. It signs itself, it is an end-entity certificate (RFC 5280 4.2.1.9, CA false), and the only
 * way to trust it is to hand its `cert` to the client as `ca`. The DER written here is the few shapes of RFC 5280 it needs.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A private key and its certificate, both PEM. Give `cert` to a client as `ca` and it trusts the server. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** What {@link createCertificate} writes into the certificate. */
export interface CertificateOptions {
  /** DNS names and IP addresses a client may connect to. Default `localhost`, `127.0.0.1`, `::1`. */
  readonly names?: readonly string[]
  /** Start of validity. Default: an hour ago, so that a clock that is a little slow agrees. */
  readonly notBefore?: Date
  /** End of validity. Default: thirty days from now. */
  readonly notAfter?: Date
}

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1']
const HOUR = 3_600_000

let shared: Certificate | undefined

/**
 * Makes a self-signed certificate; without options, the one this process shares (a key takes a millisecond to make).
 *
 * @throws RangeError for a name that is neither an IP address nor printable ASCII (write IDNs as A-labels).
 * @example
 * const expired = createCertificate({ notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') })
 * const wrongName = createCertificate({ names: ['other.example'] })
 */
export function createCertificate(options?: CertificateOptions): Certificate {
  if (options !== undefined) return issue(options)
  shared ??= issue({})
  return shared
}

function issue({ names = LOOPBACK, notBefore, notAfter }: CertificateOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const from = notBefore ?? new Date(Date.now() - HOUR)
  const until = notAfter ?? new Date(Date.now() + 30 * 24 * HOUR)
  const subject = commonName(names[0] ?? 'localhost')
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))), // version 3, the one with extensions
    integer(Buffer.concat([Uint8Array.of(1), randomBytes(15)])), // a serial that is positive and has no superfluous octet
    ECDSA_WITH_SHA256,
    subject, // issuer and subject are the same: it signs itself
    sequence(time(from), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension(BASIC_CONSTRAINTS, sequence()), extension(SUBJECT_ALT_NAME, alternativeNames(names)))),
  )
  const signature = der(0x03, Uint8Array.of(0), sign('sha256', body, privateKey))
  const cert = sequence(body, ECDSA_WITH_SHA256, signature)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  }
}

/** Tag, length, contents: the whole of DER. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  const long = body.length < 0x80 ? [] : body.length < 0x100 ? [body.length] : [body.length >> 8, body.length & 0xff]
  const length = long.length === 0 ? [body.length] : [0x80 | long.length, ...long]
  return Buffer.concat([Uint8Array.of(tag, ...length), body])
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents)
const objectId = (...octets: readonly number[]): Buffer => der(0x06, Uint8Array.from(octets))
const integer = (octets: Uint8Array): Buffer => der(0x02, octets)
/** RFC 5280 4.1.2.5: "dates through the year 2049 as UTCTime", later ones as GeneralizedTime. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}
const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, der(0x04, value))

const ECDSA_WITH_SHA256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const BASIC_CONSTRAINTS = objectId(0x55, 0x1d, 0x13)
const SUBJECT_ALT_NAME = objectId(0x55, 0x1d, 0x11)
const COMMON_NAME = objectId(0x55, 0x04, 0x03)

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name, 'utf8')))))
}

function alternativeNames(names: readonly string[]): Buffer {
  return sequence(
    ...names.map(name => {
      if (isIP(name) !== 0) return der(0x87, addressOctets(name))
      if (!/^[\x21-\x7e]+$/.test(name)) {
        throw new RangeError(`certificate name ${JSON.stringify(name)} is neither an IP address nor ASCII`)
      }
      return der(0x82, Buffer.from(name, 'ascii'))
    }),
  )
}

/** 4 or 16 octets. IPv6 text goes through the URL parser, which writes every form of an address in one way. */
function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))
  const left = groups(head)
  const right = groups(tail ?? '')
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xff]))
}
