/**
 * The transport as the session sees it: octets out, octets in on demand, an upgrade to TLS, an end.
 *
 * A channel is pull-based: it may hold octets that have arrived, but it hands out nothing that was not asked for, and no read is
 * outstanding while it is upgraded to TLS (some runtimes forbid it, and the rule against injected replies wants it).
 * Errors of the transport have one way out: `read` rejects.
 */

/** What TLS turned out to be. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly version: string
  readonly cipher: string
  readonly alpn?: string
  /** The certificate was verified against a trusted root and the name that was asked for. */
  readonly authorized: boolean
}

/** A connection. Implementations: `@postrider/session/node`. */
export interface Channel {
  /** Makes the connection, TLS included where it comes first; settles with what TLS turned out to be. */
  open(): Promise<TlsFacts | undefined>
  /** The next octets; `undefined` at the peer's end of stream. At most one read may be outstanding. */
  read(): Promise<Uint8Array | undefined>
  /** True when `read` would settle at once: octets, the end or an error are waiting. */
  readonly readable: boolean
  /** Takes the octets, in order. A promise asks the caller to wait for it before writing more. Never throws. */
  write(octets: Uint8Array): Promise<void> | undefined
  /** Settles when everything written has left this process and what had arrived by then has been noticed. */
  flush(): Promise<void>
  /** Handshake on the open connection. Rejects with a `TlsError`. */
  startTls(): Promise<TlsFacts>
  /** TLS that is active now. */
  readonly tls: TlsFacts | undefined
  /** Ends the connection: politely (`close_notify`, FIN) or at once. Idempotent, never throws. */
  close(polite: boolean): void
}

/** Time, for the driver: one monotonic scale and one alarm. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Calls `ring` at or after `at`; replaces the alarm set before; `undefined` clears it. */
  alarm(at: number | undefined): void
  /** Called by the owner of the clock. */
  ring: () => void
}
