import { describe, expect, it } from 'vitest'
import { postrider } from '../test/postrider.js'
import { helpFor } from './command.js'
import { probe } from './probe.js'
import { send } from './send.js'
import { sink } from './sink.js'

describe('postrider', { timeout: 60_000 }, () => {
  it.each([send, sink, probe])('has one screen of help for $name', command => {
    const lines = helpFor(command).split('\n')
    expect(lines.length).toBeLessThanOrEqual(40)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120)
  })

  it('tells what there is, and ends with 2 when it was not asked', async () => {
    const asked = await postrider(['--help'])
    expect(asked.out).toMatch(/postrider send .*postrider sink .*postrider probe /s)
    expect(asked.code).toBe(0)
    const bare = await postrider([])
    expect(bare.out).toBe(asked.out)
    expect(bare.code).toBe(2)
    const help = await postrider(['send', '--help'])
    expect(help.out).toBe(helpFor(send))
    const wrong = await postrider(['sent'])
    expect(wrong.err).toBe('postrider there is no command "sent"; there are send, sink, probe\n')
    expect(wrong.code).toBe(2)
  })
})
