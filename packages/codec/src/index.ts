export { DataEncoder, type DataEncoderOptions, type DataMeasure, END_OF_DATA, measureData } from './data.js'
export { DataDecoder, type DataDecoderOptions, type DataLimits } from './data-decoder.js'
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
export type { ReplyQuirk, ReplyQuirks } from './quirk.js'
export { REPLY_QUIRKS } from './quirk.js'
export { Reply } from './reply.js'
export { parseReply, type ReplyLimits, ReplyReader, type ReplyReaderOptions } from './reply-reader.js'
export { type ReplyParts, type WriteReplyOptions, writeReply } from './reply-writer.js'
