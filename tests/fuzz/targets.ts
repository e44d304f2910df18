/** All targets of the fuzzer. */
import { chunks } from './chunk.js'
import { commandAgain } from './command.js'
import { commandCuts, commandLines } from './command-reader.js'
import { dataAgain, dataEnd, dataLimits } from './data.js'
import { extensionsAgain } from './extension.js'
import { pathAgain, pathGrammar, pathInput } from './path.js'
import { enhancedCode, replyAgain, replyCuts, replyGrammar } from './reply.js'
import { claims } from './session.js'
import type { Target } from './target.js'
import { base64, originalRecipient, xtext } from './value.js'

export const targets: readonly Target[] = [
  replyCuts,
  replyGrammar,
  replyAgain,
  enhancedCode,
  commandCuts,
  commandLines,
  commandAgain,
  chunks,
  dataEnd,
  dataLimits,
  dataAgain,
  pathGrammar,
  pathAgain,
  pathInput,
  extensionsAgain,
  xtext,
  originalRecipient,
  base64,
  claims,
]
