/**
 * smtplib's single commands: one method for each, that returns the code and the text of the reply whatever they are.
 *
 * In: arguments. Out: pairs. It refuses every line that holds CR, LF or another control character, before anything is written.
 */
import { type Reply, writeLine } from '@postrider/codec'
import { ConnectedClient, type Line } from './connected-client.js'
import { SMTPHeloError, SMTPResponseException, SMTPServerDisconnected } from './error.js'
import { esmtpFeatures } from './esmtp-feature.js'
import { bareAddress } from './quote.js'
import { type ReplyPair, replyPair, replyText } from './reply-pair.js'
import { isTextual, mailArguments, rcptArguments } from './smtplib-line.js'
import { type MailOptions, mailParameters, type RcptOptions, rcptParameters } from './smtplib-option.js'
import { wireAddress } from './wire-address.js'

export class CommandClient extends ConnectedClient {
  /** Recipients accepted since `mail`. */
  #accepted = 0

  /**
   * HELO. The reply is returned whatever it is.
   *
   * @throws {@link SMTPServerDisconnected}; {@link SMTPConfigurationError} for a name that is no domain and no address literal
   */
  async helo(name?: string): Promise<ReplyPair> {
    const reply = await this.ask(line => line.session.helo(this.#name(line, 'helo', name)))
    this.heloResp = replyText(reply)
    return replyPair(reply)
  }

  /**
   * EHLO, or LHLO for LMTP. The reply is returned whatever it is; where it says yes, `esmtpFeatures` has what it tells.
   *
   * @throws {@link SMTPServerDisconnected}; {@link SMTPConfigurationError} for a name that is no domain and no address literal
   */
  async ehlo(name?: string): Promise<ReplyPair> {
    this.esmtpFeatures = new Map()
    const reply = await this.ask(line => line.session.ehlo(this.#name(line, this.ehloMsg, name)))
    this.ehloResp = replyText(reply)
    if (reply.severity === 2) {
      this.doesEsmtp = true
      this.esmtpFeatures = esmtpFeatures(this.ehloResp)
    }
    return replyPair(reply)
  }

  /**
   * EHLO, unless it or HELO has been said; HELO where the server refuses it (not for LMTP).
   *
   * @throws {@link SMTPHeloError} when both are refused; {@link SMTPServerDisconnected}
   */
  async ehloOrHeloIfNeeded(): Promise<void> {
    if (this.heloResp !== undefined || this.ehloResp !== undefined) return
    const [code] = await this.ehlo()
    if (isSuccess(code)) return
    // RFC 2033 4.1: an LMTP client has no HELO to fall back to; behind 421 there is nobody to say it to.
    if (this.ehloMsg === 'lhlo' || this.sock === undefined) throw heloError(this.ehloMsg.toUpperCase(), this.lastReply)
    const [second] = await this.helo()
    if (!isSuccess(second)) throw heloError('HELO', this.lastReply)
  }

  /**
   * Whether the server offers an extension, whose name may be in any case. Ask after EHLO.
   *
   * @throws nothing
   */
  hasExtn(name: string): boolean {
    return this.esmtpFeatures.has(name.toLowerCase())
  }

  /**
   * HELP. The text of the reply alone is returned, whatever its code.
   *
   * @throws {@link SMTPServerDisconnected}; RangeError for a line end in the argument
   */
  async help(args = ''): Promise<Uint8Array> {
    const [, text] = await this.docmd(this.spell('HELP'), args)
    return text
  }

  /**
   * NOOP. The reply is returned whatever it is.
   *
   * @throws {@link SMTPServerDisconnected}
   */
  noop(): Promise<ReplyPair> {
    return this.docmd(this.spell('NOOP'))
  }

  /**
   * RSET: whatever was begun by `mail` is forgotten.
   *
   * @throws {@link SMTPServerDisconnected}
   */
  async rset(): Promise<ReplyPair> {
    this.commandEncoding = 'ascii'
    if (this.isCompatible) return this.docmd('rset')
    return replyPair(await this.ask(({ session }) => session.rset()))
  }

  /**
   * VRFY. The reply is returned whatever it is.
   *
   * @throws {@link SMTPServerDisconnected}; RangeError for a line end in the address
   */
  verify(address: string): Promise<ReplyPair> {
    return this.docmd(this.spell('VRFY'), addressOnly(address))
  }

  /**
   * `verify` by its other name.
   *
   * @throws as {@link verify}
   */
  vrfy(address: string): Promise<ReplyPair> {
    return this.verify(address)
  }

  /**
   * EXPN. The reply is returned whatever it is.
   *
   * @throws {@link SMTPServerDisconnected}; RangeError for a line end in the address
   */
  expn(address: string): Promise<ReplyPair> {
    return this.docmd(this.spell('EXPN'), addressOnly(address))
  }

  /**
   * MAIL. `''` is the null sender. The reply is returned whatever it is.
   *
   * @param options - a list such as `['BODY=8BITMIME']`, or typed parameters
   * @throws {@link SMTPEnvelopeError} for an address or an option outside the grammar; {@link SMTPNotSupportedError} for what the server does not offer;
   * {@link SMTPServerDisconnected}; {@link SMTPException} (`ESEQUENCE`) before EHLO
   */
  async mail(sender: string, options: MailOptions = []): Promise<ReplyPair> {
    this.#accepted = 0
    if (this.isCompatible && isTextual(options)) return this.docmd('mail', mailArguments(sender, options, this))
    const parameters = mailParameters(options)
    const reply = await this.ask(({ session }) => session.mail(wireAddress(sender, 'reverse'), parameters))
    if (parameters.smtputf8 === true && reply.severity === 2) this.commandEncoding = 'utf-8'
    return replyPair(reply)
  }

  /**
   * RCPT. The reply is returned whatever it is.
   *
   * @param options - a list such as `['NOTIFY=NEVER']`, or typed parameters
   * @throws {@link SMTPEnvelopeError} for an address or an option outside the grammar; {@link SMTPNotSupportedError} for what the server does not offer;
   * {@link SMTPServerDisconnected}; {@link SMTPException} (`ESEQUENCE`) before `mail`
   */
  async rcpt(recipient: string, options: RcptOptions = []): Promise<ReplyPair> {
    if (this.isCompatible && isTextual(options)) {
      const pair = await this.docmd('rcpt', rcptArguments(recipient, options, this))
      if (isSuccess(pair[0])) this.#accepted++
      return pair
    }
    const parameters = rcptParameters(options)
    return replyPair(
      await this.ask(({ session }) => session.rcpt({ address: wireAddress(recipient, 'forward'), parameters })),
    )
  }

  /**
   * One command line, and its reply. It changes nothing that this object knows.
   *
   * @throws {@link SMTPServerDisconnected}; RangeError for a line end in it, {@link SMTPException} (`ECOMMAND`) for another control character
   */
  async docmd(cmd: string, args = ''): Promise<ReplyPair> {
    const line = commandLine(cmd, args)
    return replyPair(await this.ask(({ session }) => session.command(line)))
  }

  /**
   * One command line; `getreply` has the reply.
   *
   * @throws as {@link docmd}
   */
  async putcmd(cmd: string, args = ''): Promise<void> {
    const line = commandLine(cmd, args)
    await this.run(async ({ session }) => session.send(writeLine(line)))
  }

  /**
   * The next reply.
   *
   * @throws {@link SMTPServerDisconnected}; {@link SMTPResponseException} for a line of more than 8192 octets
   */
  async getreply(): Promise<ReplyPair> {
    return replyPair(await this.ask(({ session }) => session.reply()))
  }

  /**
   * Octets as they are, nothing checked: the end of the message, its dots and its line ends are the caller's. Text goes out as UTF-8.
   *
   * @throws {@link SMTPServerDisconnected}
   */
  async send(octets: string | Uint8Array): Promise<void> {
    const wire = typeof octets === 'string' ? new TextEncoder().encode(octets) : octets
    await this.run(async ({ session }) => session.send(wire))
  }

  /**
   * QUIT. The connection is closed; the reply is returned whatever it is.
   *
   * @throws {@link SMTPServerDisconnected} when the server goes without an answer
   */
  async quit(): Promise<ReplyPair> {
    const reply = await this.run(({ session }) => session.quit())
    this.forget()
    if (reply === undefined) throw new SMTPServerDisconnected('Connection unexpectedly closed', { phase: 'quit' })
    return replyPair(reply)
  }

  /**
   * QUIT where there is a connection, then the end of it: what `await using` calls.
   *
   * @throws {@link SMTPResponseException} with `compat`, when QUIT is answered with something else than 221
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.session?.usable !== true) return
      if (!this.isCompatible) await this.session.quit()
      else {
        const reply = await this.ask(({ session }) => session.command('QUIT'))
        // smtplib's `__exit__` insists on it (P21).
        if (reply.code !== 221)
          throw new SMTPResponseException(`QUIT was answered with ${reply}`, { reply, command: 'QUIT', phase: 'quit' })
      }
    } catch (error) {
      if (!(error instanceof SMTPServerDisconnected)) throw error
    } finally {
      this.close()
    }
  }

  /** How many recipients `rcpt` has had accepted since `mail`. */
  protected get acceptedRecipients(): number {
    return this.#accepted
  }

  /** A verb in the case that this client writes. */
  protected spell(verb: string): string {
    return this.isCompatible ? verb.toLowerCase() : verb
  }

  #name(line: Line, verb: string, name: string | undefined): string {
    if (name !== undefined && name !== '') {
      commandLine(verb, name)
      return name
    }
    return this.ownName(line)
  }
}

function heloError(command: string, reply: Reply | undefined): SMTPHeloError {
  return new SMTPHeloError(`${command} was refused: ${reply ?? 'no reply'}`, {
    command,
    reply,
    retry: reply === undefined || reply.code >= 500 ? 'never' : 'later',
  })
}

function isSuccess(code: number): boolean {
  return code >= 200 && code <= 299
}

/** smtplib's check and smtplib's words (P29); other control characters are the codec's to refuse. */
function commandLine(cmd: string, args: string): string {
  const line = args === '' ? cmd : `${cmd} ${args}`
  if (/[\r\n]/.test(line))
    throw new RangeError(
      `command and arguments contain prohibited newline characters: ${line.replaceAll('\r', '\\r').replaceAll('\n', '\\n')}`,
    )
  return line
}

/** P7: the addr-spec where it is an address, else the text as it is. */
function addressOnly(address: string): string {
  return address.includes('@') ? bareAddress(address) : address
}
