import { describe, expect, it } from 'vitest'
import { classify, codes, Pipeline, type ReplyClass } from './pipeline.js'

const every = Array.from({ length: 400 }, (_, index) => index + 200)

/** The codes of 2yz and 3yz that a command takes; all 4yz and 5yz are refusals, all else is the wrong class (rule R9). */
const taken: Record<keyof typeof codes, Partial<Record<ReplyClass, (code: number) => boolean>>> = {
  greeting: { completed: code => code === 220 },
  hello: { completed: code => code < 300 },
  starttls: { completed: code => code === 220 },
  auth: { completed: code => code === 235, intermediate: code => code === 334 },
  mail: { completed: code => code < 300 },
  rcpt: { completed: code => code >= 250 && code <= 252 },
  data: { intermediate: code => code === 354 },
  bdat: { completed: code => code < 300 },
  endOfData: { completed: code => code < 300 },
  rset: { completed: code => code < 300 },
  command: { completed: code => code < 300, intermediate: code => code >= 300 && code < 400 },
  quit: { completed: code => code < 300, intermediate: code => code >= 300 && code < 400 },
}

describe('classify', () => {
  for (const [command, set] of Object.entries(codes)) {
    it(`takes only the codes that continue after ${command}`, () => {
      for (const code of every) {
        const expected =
          code >= 400
            ? 'refused'
            : ((['completed', 'intermediate'] as const).find(name =>
                taken[command as keyof typeof codes][name]?.(code),
              ) ?? 'desync')
        expect(classify(code, set), `${code} to ${command}`).toBe(expected)
      }
    })
  }
})

describe('Pipeline', () => {
  const expectation = (command: string) => ({ command, ...codes.command, settle: () => {} })

  it('pairs replies with commands by counting (rule R4)', () => {
    const pipeline = new Pipeline()
    for (const command of ['MAIL', 'RCPT', 'DATA']) pipeline.expect(expectation(command))
    expect(pipeline.outstanding).toBe(3)
    expect(pipeline.take()?.command).toBe('MAIL')
    pipeline.expect(expectation('RSET'))
    expect([pipeline.take(), pipeline.take(), pipeline.take()].map(taken => taken?.command)).toEqual([
      'RCPT',
      'DATA',
      'RSET',
    ])
    expect(pipeline.outstanding).toBe(0)
  })

  it('knows a reply that nobody asked for', () => {
    const pipeline = new Pipeline()
    expect(pipeline.take()).toBeUndefined()
    pipeline.expect(expectation('NOOP'))
    pipeline.clear()
    expect(pipeline.take()).toBeUndefined()
  })
})
