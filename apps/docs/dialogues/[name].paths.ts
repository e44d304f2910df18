import { readDialogues } from '../.vitepress/dialogues.js'

export default {
  watch: ['../../../tests/transcripts/*.md'],
  paths: () => readDialogues().map(({ name, text }) => ({ params: { name }, content: text })),
}
