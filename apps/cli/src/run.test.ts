import { readFileSync } from 'node:fs'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { postrider, Running } from '../test/postrider.js'
import { helpFor } from './command.js'
import { exitFor } from './exit.js'
import { probe } from './probe.js'
import { defect } from './run.js'
import { send } from './send.js'
import { sink } from './sink.js'

describe('postrider', () => {
  it.each([send, sink, probe])('has help for $name that fits a terminal of 80 columns', async command => {
    const { code, out } = await postrider([command.name, '--help'])
    expect(out).toBe(helpFor(command))
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines.length).toBeLessThanOrEqual(45)
    const [, ...long] = lines.filter(line => line.length > 80 && !line.startsWith('  postrider '))
    expect(long).toEqual([])
    for (const name of Object.keys(command.options)) expect(out).toContain(`\n  --${name} `)
    expect((await postrider(['help', command.name])).out).toBe(out)
  })

  it('tells what there is, on standard error and with 64 when it was not asked', async () => {
    const asked = await postrider(['--help'])
    expect(asked.out).toMatch(/postrider send .*postrider sink .*postrider probe /s)
    expect(asked).toMatchObject({ code: 0, err: '' })
    expect(await postrider([])).toEqual({ code: 64, out: '', err: asked.out })
  })

  it.each(['--version', '-V', 'version'])('tells its version upon %s', async word => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await postrider([word])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it('names the nearest command or option to one that it does not have, and ends with 64', async () => {
    expect(await postrider(['snik'])).toMatchObject({
      code: 64,
      err: 'postrider there is no command "snik"; did you mean sink?\n',
    })
    expect((await postrider(['deliver'])).err).toBe(
      'postrider there is no command "deliver"; there are send, sink, probe\n',
    )
    expect(await postrider(['send', '--form', 'a@example.org'])).toMatchObject({
      code: 64,
      err: 'postrider send: there is no option --form; did you mean --from?\npostrider send --help shows what there is.\n',
    })
  })

  it('is content when who reads the output has gone, and ends as it would have', async () => {
    await using server = await createServer()
    const running = new Running(['probe', `127.0.0.1:${server.port}`])
    running.fail('EPIPE')
    expect(await running.ended).toEqual({ code: 0, out: '', err: '' })
  })

  it('says so when the output cannot be written, and ends with 74; but a message that was sent was sent', async () => {
    await using server = await createServer()
    const probing = new Running(['probe', `127.0.0.1:${server.port}`])
    probing.fail('ENOSPC')
    expect(await probing.ended).toEqual({
      code: 74,
      out: '',
      err: 'postrider cannot write to standard output: write ENOSPC\n',
    })
    const envelope = ['--from', 'a@example.org', '--to', 'b@example.org', '--text', 'hi']
    const sending = new Running(['send', '--server', server.url, ...envelope])
    sending.fail('ENOSPC')
    expect(await sending.ended).toMatchObject({ code: 0, err: expect.stringContaining('ENOSPC') })
    expect(server.mailbox.length).toBe(1)
  })

  it('tells an error that nobody foresaw in one line that says where to look', () => {
    const error = new TypeError('it is not a function')
    expect(defect(error)).toMatch(
      /^this is a defect of postrider: it is not a function \(.*run\.test\.ts:\d+:\d+\)?\); please report it$/,
    )
    expect(defect('nothing')).toBe('this is a defect of postrider: nothing; please report it')
  })
})

describe('the exit code of an error', () => {
  it.each([
    ['ENOTFOUND', 68],
    ['EADDRINUSE', 69],
    ['EACCES', 77],
    ['ENOSPC', 73],
    ['ECONNRESET', undefined],
  ])('of %s is %j, however deep it lies', (code, exit) => {
    const inner = Object.assign(new Error('inner'), { code })
    expect(exitFor(Object.assign(new Error('outer', { cause: inner }), { code: 'EDNS' }))).toBe(exit)
  })
})
