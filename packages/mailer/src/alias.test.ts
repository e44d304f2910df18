import { createServer } from '@postrider/testkit'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type SmtplibNames, smtplibNames } from './alias.js'
import { LMTP, SMTP, SMTP_SSL } from './client.js'

type Ours = { readonly [Name in keyof typeof smtplibNames]: SMTP[(typeof smtplibNames)[Name]] }

describe('smtplib’s names', () => {
  it('have the types of ours', () => {
    expectTypeOf<Ours>().toEqualTypeOf<Readonly<SmtplibNames>>()
  })

  it.each(Object.entries(smtplibNames))('%s is %s', (name, ours) => {
    for (const client of [new SMTP(), new SMTP_SSL(), new LMTP()])
      expect(Reflect.get(client, name)).toBe(Reflect.get(client, ours))
  })

  it('write the attributes they name', () => {
    const smtp = new SMTP()
    smtp.local_hostname = 'me.example.org'
    expect(smtp.localHostname).toBe('me.example.org')
    smtp.command_encoding = 'utf-8'
    expect(smtp.commandEncoding).toBe('utf-8')
  })
})

describe('a subclass with methods by smtplib’s names', () => {
  class Python extends SMTP {
    readonly notes: string[] = []
    override has_extn(name: string): boolean {
      this.notes.push(name)
      return super.has_extn(name)
    }
    override async ehlo_or_helo_if_needed(): Promise<void> {
      this.notes.push('ehlo')
      await super.ehlo_or_helo_if_needed()
    }
  }
  class Further extends Python {
    override hasExtn(name: string): boolean {
      return super.hasExtn(name.toLowerCase())
    }
  }

  it('has them called by what is written here in camelCase', async () => {
    await using server = await createServer({ tls: 'starttls' })
    const smtp = await Further.open({ host: server.host, port: server.port })
    await expect(smtp.starttls()).rejects.toThrow()
    expect(smtp.notes).toEqual(['ehlo', 'starttls'])
    smtp.close()
  })

  it('may assign them to one object', () => {
    const smtp = new SMTP()
    smtp.has_extn = () => true
    expect([smtp.hasExtn('x'), smtp.has_extn('x'), new SMTP().hasExtn('x')]).toEqual([true, true, false])
    const plain = new SMTP()
    plain.hasExtn = () => true
    expect(plain.has_extn('x')).toBe(true)
  })
})
