import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import { DIALOGUE_LANGUAGES } from './dialogues.js'
import { drawMermaid } from './mermaid.js'
import { checkIncludes, linkDocuments } from './repository.js'

const LAYERS = ['mailer', 'session', 'auth-sasl', 'codec', 'testkit']

checkIncludes()

// Written by TypeDoc, which runs first; absent only when an editor opens this file on a fresh clone.
const sidebar = new URL('../api/typedoc-sidebar.json', import.meta.url)
const api = existsSync(sidebar) ? JSON.parse(readFileSync(sidebar, 'utf8')) : []

export default defineConfig({
  title: 'postrider',
  description: 'SMTP and LMTP for TypeScript, rebuilt from the RFCs in layers that can be used one by one',
  lang: 'en',
  cleanUrls: true,
  metaChunk: true,
  srcExclude: ['api-introduction.md'],
  markdown: {
    languages: DIALOGUE_LANGUAGES,
    config: md => {
      drawMermaid(md)
      linkDocuments(md)
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Examples', link: '/examples' },
      { text: 'Layers', link: '/layers', activeMatch: `^/(layers|cli|${LAYERS.join('|')})$` },
      { text: 'Statechart', link: '/statechart' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      '/api/': api,
      '/': [
        {
          text: 'Start here',
          items: [
            { text: 'What it is', link: '/' },
            { text: 'Which layer', link: '/layers' },
            { text: 'What became of a message', link: '/outcomes' },
            { text: 'Coming from smtplib', link: '/coming-from-smtplib' },
            { text: 'Examples', link: '/examples' },
            { text: 'Write your own server', link: '/guide/write-your-own-server' },
          ],
        },
        {
          text: 'Layers',
          items: [
            ...LAYERS.map(name => ({ text: name, link: `/${name}` })),
            { text: 'on the command line', link: '/cli' },
          ],
        },
        {
          text: 'Reference',
          items: [
            { text: 'Statechart', link: '/statechart' },
            { text: 'Dialogues', link: '/dialogues/' },
            { text: 'What can go wrong', link: '/faults' },
            { text: 'Conformance', link: '/conformance' },
            { text: 'API', link: '/api/' },
          ],
        },
        {
          text: 'Project',
          items: [
            { text: 'Benchmarks', link: '/benchmarks' },
            { text: 'Contributing', link: '/contributing' },
            { text: 'Security', link: '/security' },
          ],
        },
      ],
    },
  },
})
