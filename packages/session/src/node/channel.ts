/**
 * A channel over `node:net` and `node:tls`: TCP and Unix sockets, TLS from the first octet or by upgrade. Serves Node, Bun and Deno.
 *
 * Errors of the socket come out of `read` (or of `open` and `startTls` while those are under way), never as an event that nobody
 * listens to. What arrives unasked is held, up to a limit beyond which the socket is paused.
 */
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Channel, TlsFacts } from '../channel.js'
import { DisconnectedError, TlsError, TlsModeError } from '../error.js'
import { identityOptions } from './identity.js'

/** Where to connect, and how. */
export interface ChannelOptions {
  /** A name or an address; also the identity that a certificate must carry. */
  readonly host?: string
  readonly port?: number
  /** A Unix socket, absolute path, instead of host and port. */
  readonly path?: string
  /** TLS from the first octet. */
  readonly implicitTls?: boolean
  /** The local address to connect from, and its port. */
  readonly localAddress?: string
  readonly localPort?: number
  /** Replaces the system's resolver. */
  readonly lookup?: TcpNetConnectOpts['lookup']
  /** `ca`, `cert`, `key`, `minVersion`, `rejectUnauthorized`, … of `tls.connect`. Names and sockets are set by the channel. */
  readonly tls?: ConnectionOptions
  /** The identity of the server where it is not `host`. */
  readonly serverName?: string
}

/** Octets held unread before the socket is paused. */
const highWater = 65_536

export class NodeChannel implements Channel {
  readonly #options: ChannelOptions
  #socket: Socket | TLSSocket | undefined
  #facts: TlsFacts | undefined
  readonly #held: Uint8Array[] = []
  #heldOctets = 0
  #ended = false
  #error: unknown
  #closed = false
  #reader:
    | { readonly resolve: (octets: Uint8Array | undefined) => void; readonly reject: (error: unknown) => void }
    | undefined
  #unwritten = 0
  #flushed: (() => void) | undefined
  /** Settles `open` or `startTls` when the channel is closed under them. */
  #interrupt: ((error: unknown) => void) | undefined
  readonly #onClose: () => void

  /** `onClose` is called once, when the channel is closed by us. */
  constructor(options: ChannelOptions, onClose: () => void = () => {}) {
    this.#options = options
    this.#onClose = onClose
  }

  get tls(): TlsFacts | undefined {
    return this.#facts
  }

  /** The socket underneath. For facts (addresses, certificates, channel bindings), not for reading or writing. */
  get socket(): Socket | TLSSocket | undefined {
    return this.#socket
  }

  get readable(): boolean {
    return this.#held.length > 0 || this.#ended || this.#error !== undefined
  }

  async open(): Promise<TlsFacts | undefined> {
    const { path, host = 'localhost', port = 25, localAddress, localPort, lookup, implicitTls } = this.#options
    const socket =
      path === undefined
        ? connectTcp({
            host: host.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1'),
            port,
            noDelay: true,
            ...(localAddress === undefined ? {} : { localAddress }),
            ...(localPort === undefined ? {} : { localPort }),
            ...(lookup === undefined ? {} : { lookup }),
          })
        : connectTcp({ path })
    this.#socket = socket
    await this.#event(socket, 'connect', error => {
      const where = path ?? `${host}:${port}`
      return new DisconnectedError(`cannot connect to ${where}: ${text(error)}`, 'connecting', error)
    })
    if (implicitTls === true) return this.#secure('connecting')
    this.#listen(socket)
    return undefined
  }

  startTls(): Promise<TlsFacts> {
    return this.#secure('handshake')
  }

  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      const octets = this.#held.shift()
      if (octets !== undefined) {
        this.#heldOctets -= octets.length
        if (this.#socket?.isPaused() === true) this.#socket.resume()
        resolve(octets)
      } else if (this.#error !== undefined) reject(this.#error)
      else if (this.#ended) resolve(undefined)
      else this.#reader = { resolve, reject }
    })
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    const socket = this.#socket
    if (socket === undefined || this.#closed || socket.destroyed) return undefined
    this.#unwritten++
    if (socket.write(octets, this.#written)) return undefined
    return new Promise(resolve => {
      const go = () => {
        socket.off('drain', go)
        socket.off('close', go)
        resolve()
      }
      socket.on('drain', go)
      socket.on('close', go)
    })
  }

  flush(): Promise<void> {
    return new Promise(resolve => {
      // One turn of the event loop, so that what has arrived meanwhile is seen before anybody decides on it.
      const turn = () => setImmediate(resolve)
      if (this.#unwritten === 0) turn()
      else this.#flushed = turn
    })
  }

  close(polite: boolean): void {
    if (this.#closed) return
    this.#closed = true
    this.#onClose()
    this.#interrupt?.(new DisconnectedError('the connection was given up', 'connecting'))
    const socket = this.#socket
    if (socket === undefined) return
    socket.on('error', ignore)
    if (polite) socket.destroySoon()
    else socket.destroy()
  }

  readonly #written = (): void => {
    this.#unwritten--
    if (this.#unwritten > 0) return
    const flushed = this.#flushed
    this.#flushed = undefined
    flushed?.()
  }

  async #secure(phase: 'connecting' | 'handshake'): Promise<TlsFacts> {
    const plain = this.#socket
    if (plain === undefined) throw new DisconnectedError('the connection is not open', phase)
    this.#ignore(plain)
    const identity = identityOptions(this.#options.serverName ?? this.#options.host ?? 'localhost')
    const secure = connectTls({ ...this.#options.tls, ...identity, socket: plain })
    this.#socket = secure
    // Errors of the socket below are told by the one above; without a listener they would end the process.
    plain.on('error', ignore)
    await this.#event(secure, 'secureConnect', error => handshakeError(error, phase))
    const facts: TlsFacts = {
      version: secure.getProtocol() ?? 'unknown',
      cipher: secure.getCipher().standardName,
      ...(secure.alpnProtocol ? { alpn: secure.alpnProtocol } : {}),
      authorized: secure.authorized,
    }
    this.#facts = facts
    this.#listen(secure)
    return facts
  }

  /** Waits for one event of a socket; its error or its end come out as an error. */
  #event(socket: Socket, name: 'connect' | 'secureConnect', explain: (error: unknown) => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        socket.off(name, succeed)
        socket.off('error', fail)
        socket.off('close', end)
        this.#interrupt = undefined
      }
      const succeed = () => {
        done()
        resolve()
      }
      const fail = (error: unknown) => {
        done()
        socket.on('error', ignore)
        socket.destroy()
        reject(explain(error))
      }
      const end = () => fail(new Error('the server closed the connection'))
      socket.on(name, succeed)
      socket.on('error', fail)
      socket.on('close', end)
      this.#interrupt = fail
      if (this.#closed) fail(new Error('the connection was given up'))
    })
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onGone)
  }

  #ignore(socket: Socket): void {
    socket.pause()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onGone)
  }

  readonly #onData = (octets: Uint8Array): void => {
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      reader.resolve(octets)
      return
    }
    this.#held.push(octets)
    this.#heldOctets += octets.length
    if (this.#heldOctets > highWater) this.#socket?.pause()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#settleReader()
  }

  readonly #onError = (error: unknown): void => {
    this.#error ??= error
    this.#settleReader()
  }

  readonly #onGone = (): void => {
    this.#ended = true
    this.#settleReader()
    this.#unwritten = 1
    this.#written()
  }

  #settleReader(): void {
    const reader = this.#reader
    if (reader === undefined) return
    this.#reader = undefined
    if (this.#error !== undefined) reader.reject(this.#error)
    else reader.resolve(undefined)
  }
}

/** What OpenSSL says when the peer answers a ClientHello with text. */
const notTls: readonly string[] = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNKNOWN_PROTOCOL',
]

function handshakeError(error: unknown, phase: 'connecting' | 'handshake'): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (phase === 'connecting' && code !== undefined && notTls.includes(code))
    return new TlsModeError('starttls', phase, error)
  return new TlsError(`TLS failed: ${text(error)}`, phase, error)
}

function text(error: unknown): string {
  // Node reports every address it tried in an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(text).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function ignore(): void {}
