/**
 * The server's half of a TLS handshake on a connection that is there already, for STARTTLS as for TLS from the first octet.
 *
 * In: the socket, once nothing more is to be read from it in clear text. Out: the TLS socket, or why there is none. A client certificate is asked
 * for where the settings say so, never demanded; `authorized` of the TLS socket then tells whether it is one that `ca` stands for.
 */
import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContextOptions, TLSSocket } from 'node:tls'
import type { Settings } from './option.js'

/** Begins a handshake; `done` or `refused` is called once, or neither when the socket is destroyed meanwhile. */
export type Handshake = (raw: Socket, done: (socket: TLSSocket) => void, refused: (error: Error) => void) => void

/** How this server shakes hands; undefined without TLS. */
export function prepareHandshake({ certificate, tlsOptions, limits }: Settings): Handshake | undefined {
  if (certificate === undefined) return undefined
  const { requestCert = false, ca, ...rest } = tlsOptions
  const context: SecureContextOptions = {
    ...rest,
    ...certificate,
    ...(ca && { ca: typeof ca === 'string' ? ca : [...ca] }),
  }
  return requestCert ? withCertificate(context, limits.idle) : withoutCertificate(context, limits.idle)
}

function withoutCertificate(context: SecureContextOptions, idle: number): Handshake {
  const secureContext = createSecureContext(context)
  return (raw, done, refused) => {
    const socket = new TLSSocket(raw, { isServer: true, secureContext })
    socket.setTimeout(idle, () => socket.destroy())
    socket.once('error', refused)
    // 'secure' is what a TLSSocket made by hand says on the server side; 'secureConnect' is the client's.
    socket.once('secure', () => {
      socket.off('error', refused)
      socket.removeAllListeners('timeout')
      done(socket)
    })
  }
}

/**
 * Only the sockets of a `tls.Server` say whether the client's certificate is trusted; "any Duplex stream can be passed" to one by its event
 * `connection`. It gets a server of its own, which tells it from the others that shake hands.
 */
function withCertificate(context: SecureContextOptions, idle: number): Handshake {
  return (raw, done, refused) => {
    const server = createServer({ ...context, requestCert: true, rejectUnauthorized: false, handshakeTimeout: idle })
    server.once('secureConnection', done)
    server.once('tlsClientError', refused)
    server.emit('connection', raw)
  }
}
