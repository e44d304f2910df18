import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificate, createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { postrider } from '../test/postrider.js'

const folder = mkdtempSync(join(tmpdir(), 'postrider-probe-'))

describe('postrider probe', () => {
  it('shows greeting, extensions before and under TLS, certificate and AUTH, and sends no mail', async () => {
    await using server = await createServer({ tls: 'starttls', auth: { users: { ann: 's3cret' } } })
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, server.certificate?.cert ?? '')
    const { code, out, err } = await postrider(['probe', `127.0.0.1:${server.port}`, '--ca', ca])
    expect(err).toBe('')
    const [, clear = '', secured = ''] = /^(.*)\nTLS\n(.*)$/s.exec(out) ?? []
    expect(clear).toMatch(/ {2}greeting {2}220 localhost/)
    expect(clear).toMatch(/\n {2}SIZE +10485760 octets \(10\.0 MiB\)/)
    expect(clear).toMatch(/\n {2}STARTTLS /)
    expect(clear).not.toMatch(/AUTH/)
    expect(secured).toMatch(/^ {2}TLSv1\.3, \w+\n {2}certificate of CN=localhost, signed by CN=localhost\n/)
    expect(secured).toContain('\n  to be trusted\n')
    expect(secured).toMatch(/\n {2}AUTH +PLAIN LOGIN CRAM-MD5/)
    expect(secured).not.toMatch(/STARTTLS/)
    expect(code).toBe(0)
    expect(server.transactions).toEqual([])
    expect(server.transcript.toString()).toMatch(/C: QUIT/)
  })

  it('ends with 1 for a certificate that is not to be trusted, and tells why; its JSON has typed values', async () => {
    const certificate = createCertificate({ names: ['other.example'] })
    await using server = await createServer({ tls: 'implicit', certificate, extensions: { SIZE: '1000' } })
    const { code, out } = await postrider(['probe', `127.0.0.1:${server.port}`, '--tls', 'implicit', '--json'])
    const found = JSON.parse(out)
    expect(found).toMatchObject({
      port: server.port,
      tls: { version: 'TLSv1.3', certificate: { names: ['other.example'], problem: 'it is signed by itself' } },
      problems: ['the certificate is not to be trusted: it is signed by itself'],
    })
    expect(found.clear).toBeUndefined()
    expect(found.secured.extensions).toContainEqual(expect.objectContaining({ keyword: 'SIZE', value: 1000 }))
    expect(found.secured.extensions).toContainEqual(expect.objectContaining({ keyword: 'PIPELINING', value: true }))
    expect(code).toBe(1)
  })

  it('ends with 1 when the server declines, or does not offer the TLS that was asked for', async () => {
    await using server = await createServer()
    const asked = await postrider(['probe', `127.0.0.1:${server.port}`, '--tls', 'starttls', '--transcript'])
    expect(asked.out).toMatch(/! .*STARTTLS/)
    expect(asked.err).toMatch(/^S: 220 .*C: QUIT/s)
    expect(asked.code).toBe(1)
    server.refuse({ phase: 'connect', reply: '554 5.3.2 not\ntoday' })
    const declined = await postrider(['probe', `127.0.0.1:${server.port}`])
    expect(declined.out).toContain('greeting  554 5.3.2 not\n            today')
    expect(declined.code).toBe(1)
  })

  it('ends with 75 where nobody is, and says what to do where TLS is spoken at another moment', async () => {
    const server = await createServer({ tls: 'implicit' })
    const place = `127.0.0.1:${server.port}`
    const early = await postrider(['probe', place, '--timeout', '1'])
    await server.close()
    expect(early.err + early.out).toMatch(/--tls implicit/)
    const nobody = await postrider(['probe', place])
    expect(nobody.err).toContain('Nothing listens on that port')
    expect(nobody.code).toBe(75)
  })
})
