import { describe, expect, it, vi } from 'vitest'
import { CodecError, DecodeError, EncodeError, ReplyReader, validateDomain, writeCommand } from './index.js'

describe('errors', () => {
  it('say what, why and where, with controls escaped and the code for programs', () => {
    const error = thrownBy(() => validateDomain('a b\r\n'))
    expect(error).toBeInstanceOf(EncodeError)
    expect(error).toMatchObject({ name: 'EncodeError', code: 'EDOMAIN', fault: 'local', what: 'domain', at: 1 })
    expect((error as Error).message).toBe('domain "a b\\r\\n": not a domain or address literal (at 1)')
  })

  it('cut long values short', () => {
    const error = thrownBy(() => validateDomain('x'.repeat(1e6))) as Error
    expect(error.message.length).toBeLessThan(300)
  })

  it('are instances of the same classes of another copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./index.js')
    expect(copy.EncodeError).not.toBe(EncodeError)
    const local = thrownBy(() => copy.validateDomain(''))
    const remote = thrownBy(() => new copy.ReplyReader().push(Uint8Array.of(10)))
    expect([local instanceof EncodeError, local instanceof CodecError, local instanceof DecodeError]).toEqual([
      true,
      true,
      false,
    ])
    expect([remote instanceof DecodeError, remote instanceof CodecError, remote instanceof EncodeError]).toEqual([
      true,
      true,
      false,
    ])
    for (const other of [new Error('x'), {}, null, undefined, 'x'])
      expect((other as unknown) instanceof CodecError).toBe(false)
  })

  it('let classes be derived from them', () => {
    class Own extends DecodeError {}
    expect(new Own('data', 'x')).toBeInstanceOf(Own)
    expect(new Own('data', 'x')).toBeInstanceOf(DecodeError)
    expect(new DecodeError('data', 'x')).not.toBeInstanceOf(Own)
  })

  it('of what the peer sent do not show what the peer sent', () => {
    const error = thrownBy(() => new ReplyReader().push(Buffer.from('secret\r\n'))) as DecodeError
    expect(error).toMatchObject({ name: 'DecodeError', code: 'EPROTOCOL', fault: 'remote', at: 0, fatal: true })
    expect(error.message).not.toContain('secret')
  })

  it('of AUTH do not show the response', () => {
    const initial = new Uint8Array(20_000).fill(0x41)
    const error = thrownBy(() => writeCommand({ verb: 'AUTH', mechanism: 'PLAIN', initial })) as EncodeError
    expect(error).toMatchObject({ code: 'ELENGTH' })
    expect(error.message).not.toContain('QUFB')
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
