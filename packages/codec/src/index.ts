export { decodeBase64, encodeBase64 } from './base64.js'
export { parseChallenge } from './challenge.js'
export { ChunkReader, writeChunk } from './chunk.js'
export type { Attributes, Command, CommandInput, Verb } from './command.js'
export { type ParseCommandOptions, parseCommand } from './command-parser.js'
export {
  type CommandEvent,
  type CommandLimits,
  CommandReader,
  type CommandReaderOptions,
  type Continuation,
} from './command-reader.js'
export { type WriteCommandOptions, writeCommand, writeLine, writeResponse } from './command-writer.js'
export { DataEncoder, type DataEncoderOptions, type DataMeasure, END_OF_DATA, measureData } from './data.js'
export { DataDecoder, type DataDecoderOptions, type DataLimits } from './data-decoder.js'
export { validateDomain } from './domain.js'
export { EnhancedCode, parseEnhancedCode } from './enhanced.js'
export {
  CodecError,
  type DecodeDetails,
  DecodeError,
  type DecodeSubject,
  type EncodeCode,
  EncodeError,
  type EncodeSubject,
  type Fault,
  type SuggestedReply,
} from './error.js'
export { Extensions, type ParseExtensionsOptions, parseExtensions } from './extension.js'
export { type ExtensionsInput, writeExtensions } from './extension-writer.js'
export type { AnnouncedLimits, AnnouncedLimitsInput } from './limits.js'
export type {
  Body,
  DeliverBy,
  ExtraParameters,
  ExtraParametersInput,
  MailParameters,
  MailParametersInput,
  Notify,
  OriginalRecipient,
  RcptParameters,
  RcptParametersInput,
  ValidSince,
} from './parameter.js'
export {
  type Path,
  type PathInput,
  type PathLimits,
  type PathOptions,
  parseMailbox,
  parsePath,
  writePath,
} from './path.js'
export type { CommandQuirk, CommandQuirks, ExtensionQuirk, ExtensionQuirks, ReplyQuirk, ReplyQuirks } from './quirk.js'
export { COMMAND_QUIRKS, EXTENSION_QUIRKS, REPLY_QUIRKS } from './quirk.js'
export { Reply } from './reply.js'
export { parseReply, type ReplyLimits, ReplyReader, type ReplyReaderOptions } from './reply-reader.js'
export { type ReplyParts, type WriteReplyOptions, writeReply } from './reply-writer.js'
export { decodeXtext, encodeXtext } from './xtext.js'
