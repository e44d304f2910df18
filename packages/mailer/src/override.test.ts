import { createServer, type TestServer } from '@postrider/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { SMTP } from './client.js'
import { SMTPNotSupportedError } from './error.js'
import type { Recipients } from './letter.js'
import type { ReplyPair } from './reply-pair.js'
import type { SendReport } from './report.js'
import type { SendOptions } from './send-option.js'
import type { MailOptions, RcptOptions } from './smtplib-option.js'
import type { Message } from './source.js'

let server: TestServer | undefined
afterEach(() => server?.close())

/** A subclass as Python programs write them: it notes what goes through it. */
class Noting extends SMTP {
  readonly notes: string[] = []

  override async ehlo(name?: string): Promise<ReplyPair> {
    this.notes.push('ehlo')
    return super.ehlo(name)
  }

  override hasExtn(name: string): boolean {
    this.notes.push(`hasExtn ${name}`)
    return name.toLowerCase() !== 'smtputf8' && super.hasExtn(name)
  }

  override async sendmail(
    from: string,
    to: Recipients,
    message: Message,
    options?: SendOptions | MailOptions,
    rcptOptions?: RcptOptions,
  ): Promise<SendReport> {
    this.notes.push(`sendmail ${from} ${String(to)} ${Buffer.from(message as Uint8Array).toString()}`)
    return super.sendmail(from, to, message, options, rcptOptions)
  }
}

async function connect(): Promise<Noting> {
  server = await createServer()
  return Noting.open({ host: server.host, port: server.port, name: 'me.example.org' })
}

describe('a subclass of SMTP', () => {
  it('has its own ehlo and sendmail called by sendMessage, with the message as it goes out', async () => {
    const smtp = await connect()
    const report = await smtp.send_message(
      'Message-ID: <1@x.example>\r\nFrom: a@x.example\r\nTo: b@y.example\r\nBcc: c@y.example\r\n\r\nhi\r\n',
    )
    expect(smtp.notes).toEqual([
      'ehlo',
      'sendmail a@x.example b@y.example,c@y.example Message-ID: <1@x.example>\r\nFrom: a@x.example\r\nTo: b@y.example\r\n\r\nhi\r\n',
    ])
    expect(report.messageId).toBe('<1@x.example>')
    await smtp.quit()
  })

  it('is asked by hasExtn whether the server takes addresses outside ASCII (P61)', async () => {
    const smtp = await connect()
    const sent = smtp.sendMessage('From: a@x.example\r\nTo: \u00f6@y.example\r\n\r\nhi\r\n')
    await expect(sent).rejects.toBeInstanceOf(SMTPNotSupportedError)
    await expect(sent).rejects.toThrow(
      'One or more source or delivery addresses require internationalized email support',
    )
    expect(smtp.notes).toEqual(['ehlo', 'hasExtn SMTPUTF8'])
    await smtp.quit()
  })

  it('is handed the recipients that were given, though they came from a generator', async () => {
    function* recipients() {
      yield 'b@y.example'
      yield { address: 'c@y.example' }
    }
    server = await createServer()
    for (const compat of [undefined, 'smtplib'] as const) {
      const smtp = await SMTP.open({
        host: server.host,
        port: server.port,
        ...(compat === undefined ? {} : { compat }),
      })
      const text = 'From: a@x.example\r\nTo: z@y.example\r\n\r\nhi\r\n'
      expect((await smtp.sendMessage(text, undefined, recipients())).accepted).toEqual(['b@y.example', 'c@y.example'])
      expect((await smtp.sendMessage(text, { to: recipients() })).accepted).toEqual(['b@y.example', 'c@y.example'])
      expect((await smtp.sendmail('a@x.example', recipients(), text)).accepted).toEqual(['b@y.example', 'c@y.example'])
      await smtp.quit()
    }
  })

  it('keeps one deadline for reading the message and sending it', async () => {
    const smtp = await connect()
    server?.misbehave({ phase: 'data', steps: [{ stall: true }] })
    const text = 'From: a@x.example\r\nTo: b@y.example\r\n\r\nhi\r\n'
    await expect(smtp.sendMessage(text, { deadline: 100 })).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(smtp.sock).toBeUndefined()
  })
})
