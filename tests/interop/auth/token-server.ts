// An OAuth 2.0 authorization server, as far as a mail server asks one: it says whether a token is good (RFC 7662) and where
// its own description is. It also makes tokens that a server can check for itself: JSON Web Tokens signed by HS256
// (RFC 7519, RFC 7515).
//
// It runs in the test's own process, on loopback, and knows one opaque token.
import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

export interface TokenServer {
  readonly url: string
  /** What signs its JSON Web Tokens: 32 printable octets. */
  readonly key: string
  /** An opaque token of the user; only this server can say so. */
  readonly opaque: string
  /** Tokens it was asked about. */
  readonly asked: readonly string[]
  /** A JSON Web Token of the user. `expires` is in seconds from now; `padding` makes it longer by so many octets. */
  sign(claims?: { readonly expires?: number; readonly padding?: number; readonly key?: string }): string
  stop(): Promise<void>
}

export async function startTokenServer(username: string): Promise<TokenServer> {
  const key = randomBytes(16).toString('hex')
  const opaque = randomBytes(16).toString('base64url')
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('content-type', 'application/json')
    if (pathname === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: url, introspection_endpoint: `${url}/introspect` }))
    } else if (pathname === '/introspect') {
      const token = new URLSearchParams(await bodyOf(request)).get('token') ?? ''
      asked.push(token)
      // RFC 7662 2.2: "active […] REQUIRED"; of a token that is not, nothing else is told.
      response.end(JSON.stringify(token === opaque ? { active: true, username } : { active: false }))
    } else {
      response.writeHead(404).end('{}')
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`

  return {
    url,
    key,
    opaque,
    asked,
    sign: claims => {
      const now = Math.floor(Date.now() / 1000)
      const { expires = 3600, padding = 0 } = claims ?? {}
      const times = { iat: now - 7200, nbf: now - 7200, exp: now + expires }
      const payload = { iss: url, sub: username, ...times, ...(padding > 0 && { padding: 'x'.repeat(padding) }) }
      const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`
      const signature = createHmac('sha256', claims?.key ?? key)
        .update(signed)
        .digest('base64url')
      return `${signed}.${signature}`
    },
    stop: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
