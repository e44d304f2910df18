import { describe, expect, it, vi } from 'vitest'
import {
  COMMAND_QUIRKS,
  CodecError,
  DecodeError,
  EncodeError,
  EXTENSION_QUIRKS,
  REPLY_QUIRKS,
  ReplyReader,
  validateDomain,
  writeCommand,
} from './index.js'

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

describe('errors of another version of the package', () => {
  it('are known by registered symbols, which show up nowhere', () => {
    const error = new DecodeError('data', 'x')
    for (const name of ['CodecError', 'DecodeError']) {
      const brand = Symbol.for(`@postrider/codec/${name}`)
      expect(Object.getOwnPropertyDescriptor(error, brand)).toEqual({
        value: true,
        enumerable: false,
        writable: false,
        configurable: false,
      })
    }
    expect(Symbol.for('@postrider/codec/EncodeError') in new EncodeError('data', 'x')).toBe(true)
    expect({ [Symbol.for('@postrider/codec/EncodeError')]: true }).toBeInstanceOf(EncodeError)
  })

  it('have names, codes and nothing that was not said', () => {
    expect(new CodecError('X', 'local', 'x')).toMatchObject({
      name: 'CodecError',
      code: 'X',
      fault: 'local',
      message: 'x',
    })
    expect(new DecodeError('data', 'x')).toMatchObject({ code: 'EPROTOCOL', replies: [], fatal: false, at: undefined })
    expect(new DecodeError('data', 'x', { limit: 5 })).toMatchObject({ code: 'ELIMIT', message: 'data: x, limit 5' })
    expect(new EncodeError('data', 'x')).toMatchObject({ code: 'EDATA', at: undefined, message: 'data: x' })
  })
})

describe('quirks', () => {
  it('are on where refusing would cost mail, and off where tolerating would cost safety', () => {
    expect(REPLY_QUIRKS).toEqual({
      bareLineFeed: true,
      missingText: true,
      unknownSecondDigit: true,
      blankLine: false,
      otherSeparator: false,
      unequalCodes: false,
    })
    expect(EXTENSION_QUIRKS).toEqual({ authEquals: true, emptyKeyword: true, irregularLine: true, otherSpace: true })
    expect(COMMAND_QUIRKS).toEqual({
      bareLineFeed: false,
      spaceBeforePath: true,
      missingBrackets: false,
      irregularName: true,
    })
  })
})
