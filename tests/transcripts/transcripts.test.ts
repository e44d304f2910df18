import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { play, read, type Segmentation } from './play.js'

const segmentations: readonly Segmentation[] = ['line by line', 'byte by byte', 'merged']
const folder = new URL('.', import.meta.url)
const documents = readdirSync(folder).filter(name => name.endsWith('.md') && name !== 'README.md')

describe('dialogues', () => {
  it('are all here', () => {
    expect(documents.length).toBeGreaterThanOrEqual(12)
  })

  for (const name of documents) {
    const dialogue = read(readFileSync(new URL(name, folder), 'utf8'))
    describe(dialogue.title, () => {
      for (const segmentation of segmentations) {
        it(`is played ${segmentation} (${name})`, async () => {
          const performance = await play(dialogue, segmentation)
          expect(performance.dialogue.join('\n')).toBe(dialogue.lines.join('\n'))
          expect(performance.outcome).toBe(dialogue.outcome)
        })
      }
    })
  }
})
