import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LMTP, SMTP } from './client.js'
import type { Message } from './source.js'

let server: Server | undefined
let heard = ''
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server?.close()
})

/** A server that takes everything up to DATA; what it does with the message is said by the test. */
async function listen(message: (octets: string, socket: Socket) => void): Promise<number> {
  heard = ''
  server = createServer(socket => {
    let inMessage = false
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write('220 hello\r\n')
    socket.on('data', chunk => {
      heard += chunk.toString()
      if (inMessage) return message(chunk.toString(), socket)
      inMessage = /data\r\n$/i.test(heard)
      socket.write(
        inMessage ? '354 go on\r\n' : /lo /.test(chunk.toString()) ? '250-me\r\n250 8BITMIME\r\n' : '250 ok\r\n',
      )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** One message, command by command. */
async function send(port: number, message: Message, Client: typeof SMTP | typeof LMTP = SMTP, recipients = 1) {
  const smtp = new Client({ compat: 'smtplib', name: 'me.example', timeouts: { dataBlock: 200 } })
  await smtp.connect('127.0.0.1', port)
  await smtp.ehlo()
  await smtp.mail('a@x.example')
  for (let count = 0; count < recipients; count++) await smtp.rcpt('b@y.example')
  return { smtp, answer: smtp.data(message) }
}

const long = 'x'.repeat(70).concat('\r\n').repeat(1000)

describe('data by hand', () => {
  it('takes no reply for an answer that came before the terminator (rule R2)', async () => {
    const port = await listen((_, socket) => socket.write('250 done already\r\n'))
    async function* slowly() {
      yield Buffer.from('Subject: x\r\n\r\n')
      await new Promise(resolve => setTimeout(resolve, 50))
      yield Buffer.from('hi\r\n')
    }
    const { smtp, answer } = await send(port, slowly())
    await expect(answer).rejects.toMatchObject({ name: 'SMTPServerDisconnected', mayHaveBeenDelivered: false })
    expect(heard).not.toContain('\r\n.\r\n')
    expect(smtp.sock).toBeUndefined()
  })

  it('says that the message may have been delivered when the answer never comes (rule R1)', async () => {
    const port = await listen((octets, socket) => {
      if (octets.endsWith('.\r\n')) socket.destroy()
    })
    const { answer } = await send(port, long)
    await expect(answer).rejects.toMatchObject({ name: 'SMTPServerDisconnected', mayHaveBeenDelivered: true })
  })

  it('reads one verdict for each recipient of LMTP, all in one segment, and no more (P73)', async () => {
    const port = await listen((octets, socket) => {
      if (octets.endsWith('.\r\n')) socket.write('250 a\r\n552 b\r\n250 c\r\n')
    })
    const { smtp, answer } = await send(port, long, LMTP, 3)
    expect(await answer).toEqual([552, new TextEncoder().encode('b')])
    expect(smtp.sock).toBeDefined()
    smtp.close()
  })

  it('writes the terminator by itself, behind all of the message', async () => {
    const port = await listen((octets, socket) => {
      if (heard.endsWith('\r\n.\r\n')) socket.write('250 ok\r\n')
      else if (octets.endsWith('.\r\n')) socket.write('550 in one piece\r\n')
    })
    const { smtp, answer } = await send(port, `${long}.\r\n..\r\n`)
    expect((await answer)[0]).toBe(250)
    expect(heard.endsWith('x\r\n..\r\n...\r\n.\r\n')).toBe(true)
    smtp.close()
  })

  it('gives up a server that takes nothing more (rule R5)', async () => {
    const port = await listen((_, socket) => socket.pause())
    const { answer } = await send(port, new Uint8Array(32_000_000).fill(0x61))
    await expect(answer).rejects.toMatchObject({ code: 'ETIMEDOUT', mayHaveBeenDelivered: false })
  })

  it('ends the connection when the source fails: the server waits inside the message', async () => {
    const port = await listen(() => {})
    async function* failing() {
      yield Buffer.from('Subject: x\r\n')
      throw new Error('the disk is gone')
    }
    const { smtp, answer } = await send(port, failing())
    await expect(answer).rejects.toThrow('the disk is gone')
    expect(smtp.sock).toBeUndefined()
    expect(heard).not.toContain('\r\n.\r\n')
  })
})
