import { parseReply } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { TimeoutError } from './error.js'
import type { SessionEvent } from './event.js'
import { transcribe } from './transcript.js'

const reply = (text: string): SessionEvent => ({ type: 'reply', reply: parseReply(new TextEncoder().encode(text)) })

describe('a transcript', () => {
  it('writes a reply as it came, a hyphen on every line but the last (RFC 5321 4.2.1)', () => {
    expect(transcribe(reply('250-mail.example.org\r\n250-SIZE 1000\r\n250 HELP\r\n'))).toEqual([
      'S: 250-mail.example.org',
      'S: 250-SIZE 1000',
      'S: 250 HELP',
    ])
    expect(transcribe(reply('354\r\n'))).toEqual(['S: 354'])
  })

  it('writes a command as it was shown to the watcher', () => {
    expect(transcribe({ type: 'command', line: 'AUTH PLAIN ***' })).toEqual(['C: AUTH PLAIN ***'])
  })

  it('keeps what the peer sends on one line (T-29)', () => {
    expect(transcribe(reply('220 \u001b[2Jhi\u0085there\r\n'))).toEqual([
      expect.stringMatching(/^S: 220 [\x20-\x7e]+$/),
    ])
  })

  it('tells how much message went, what TLS is and how it ended', () => {
    const facts = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', authorized: false }
    expect(transcribe({ type: 'body', octets: 12 })).toEqual(['C: (12 octets of message)'])
    expect(transcribe({ type: 'tls', facts })).toEqual(['-- TLSv1.3 TLS_AES_128_GCM_SHA256, certificate not verified'])
    expect(transcribe({ type: 'closed' })).toEqual(['-- closed'])
    expect(transcribe({ type: 'closed', error: new TimeoutError('mail', 5) })).toEqual([
      '-- closed: no answer in mail within 5 ms',
    ])
  })

  it('does not speak of changes of state', () => {
    expect(transcribe({ type: 'state', from: 'ehlo', event: 'completed', to: 'ready' })).toEqual([])
  })
})
