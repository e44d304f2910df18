/**
 * What this codec tolerates from servers and clients beyond the grammar: a list, not a mood. Every quirk has a name, a
 * default and a reason, can be switched one by one, and is reported where it was met (`reply.quirks`,
 * `extensions.quirks`, the `quirks` of a command event).
 */

/** Quirks of replies, read by `ReplyReader`. */
export interface ReplyQuirks {
  /**
   * A line ends in LF without CR. Default on: RFC 5321 2.3.8 forbids it, every widely used client accepts it, and a
   * reply has no end-of-data that could be smuggled.
   */
  readonly bareLineFeed?: boolean
  /**
   * A code with neither separator nor text (`250` CRLF). Default on: RFC 5321 4.2 says clients "SHOULD be prepared to
   * process the code alone".
   */
  readonly missingText?: boolean
  /**
   * A second digit of 6 to 9. Default on: RFC 5321 4.2, a client "MUST be prepared to handle codes not specified in
   * this document and MUST do so by interpreting the first digit only". The first digit is 2 to 5 without exception.
   */
  readonly unknownSecondDigit?: boolean
  /** Up to two empty lines before a reply or between its lines. Default off: no server in use is known to send them. */
  readonly blankLine?: boolean
  /** A separator that is neither SP nor "-", such as HT or ":". Default off: it is not known to be a reply at all. */
  readonly otherSeparator?: boolean
  /**
   * The lines of one reply carry unequal codes; the last one counts. Default off: RFC 5321 4.2.1 "the reply code on each
   * of the lines MUST be the same", and a reply that contradicts itself decides nothing.
   */
  readonly unequalCodes?: boolean
}

/** Quirks of the reply to EHLO or LHLO, read by `parseExtensions`. */
export interface ExtensionQuirks {
  /** `AUTH=PLAIN LOGIN`, the form before RFC 2554, counts as `AUTH`. Default on: Postfix can be told to send it. */
  readonly authEquals?: boolean
  /** A line without any keyword, such as a final `250 `. Default on: Postfix's smtp-sink ends so. Off: it is refused. */
  readonly emptyKeyword?: boolean
  /**
   * A line that is outside the grammar of `ehlo-line` (an underscore in the keyword, a control character, `SIZE=100`)
   * is skipped and listed in `ignored`. Default on: one odd line must not cost all extensions. Off: it is refused.
   */
  readonly irregularLine?: boolean
  /** Keyword and parameter separated by HT or by several SP. Default on: harmless, and old servers do it. */
  readonly otherSpace?: boolean
}

/** Quirks of commands, read by `CommandReader`. */
export interface CommandQuirks {
  /**
   * A command line ends in LF without CR. Default off: RFC 5321 2.3.8, and where two servers disagree about line ends
   * commands can be smuggled.
   */
  readonly bareLineFeed?: boolean
  /**
   * Spaces between `FROM:` or `TO:` and the path. Default on: RFC 5321 3.3 forbids them, old clients send them, and ten
   * of twelve servers tried take them.
   */
  readonly spaceBeforePath?: boolean
  /** A path without angle brackets. Default off: it makes the border between address and parameters a guess. */
  readonly missingBrackets?: boolean
  /**
   * A HELO, EHLO or LHLO name outside the grammar, such as `my_pc`. Default on: RFC 5321 4.1.4 "the server MUST NOT
   * refuse to accept a message for this reason". It still is one word of graphic ASCII.
   */
  readonly irregularName?: boolean
}

/** A quirk of replies that can be tolerated, by name. */
export type ReplyQuirk = keyof ReplyQuirks
/** A quirk of replies to EHLO that can be tolerated, by name. */
export type ExtensionQuirk = keyof ExtensionQuirks
/** A quirk of clients that can be tolerated, by name. */
export type CommandQuirk = keyof CommandQuirks

/** The quirks of replies, each with what is tolerated by default. */
export const REPLY_QUIRKS: Required<ReplyQuirks> = /* @__PURE__ */ Object.freeze({
  bareLineFeed: true,
  missingText: true,
  unknownSecondDigit: true,
  blankLine: false,
  otherSeparator: false,
  unequalCodes: false,
})

/** The quirks of replies to EHLO, each with what is tolerated by default. */
export const EXTENSION_QUIRKS: Required<ExtensionQuirks> = /* @__PURE__ */ Object.freeze({
  authEquals: true,
  emptyKeyword: true,
  irregularLine: true,
  otherSpace: true,
})

/** The quirks of clients, each with what is tolerated by default. */
export const COMMAND_QUIRKS: Required<CommandQuirks> = /* @__PURE__ */ Object.freeze({
  bareLineFeed: false,
  spaceBeforePath: true,
  missingBrackets: false,
  irregularName: true,
})
