import { readDialogues } from '../.vitepress/dialogues.js'

export default {
  watch: ['../../../tests/transcripts/*.md'],
  load: () => readDialogues().map(({ name, title }) => ({ name, title })),
}
