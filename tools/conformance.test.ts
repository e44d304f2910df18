import { describe, expect, it } from 'vitest'
import { checkConformance, type Tree } from './conformance.js'
import { readTitles } from './titles.js'

const RFC = `2.3.8.  Lines

   Lines consist of zero or more data characters terminated by the
   sequence ASCII character "CR" followed by "LF".  Never send a bare


Klensin                     Standards Track                    [Page 14]
\f
RFC 9999                          SMTP                      October 2008


   one.  A space- separated list.
`

const tree: Tree = {
  sources: new Map([
    ['packages/codec/src/data.ts', '// RFC 9999 2'],
    [
      'packages/codec/src/data.test.ts',
      `describe('data', () => {
        it('is "data" (T-1)', () => {})
        it.each([1])('%s | *', () => {})
        it(\`of \${size} octets\`, () => {})
      })
      describe.each([1])('$name', () => { it('twice', () => {}) })
      describe('other', () => { it.skipIf(no)('twice', () => {}) })`,
    ],
  ]),
  dialogues: new Map([['tests/transcripts/plain.md', '# A message\n\nSome text.\n']]),
  rfc: number => (number === '9999' ? RFC : undefined),
}

const table = (...rows: string[]) =>
  [
    '# Conformance',
    '',
    '## RFC 9999: all',
    '',
    '| section | requirement | where | test |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
const row = (cells: Partial<Record<'section' | 'requirement' | 'where' | 'test', string>>) => {
  const { section = '2.3.8', requirement = 'told', where = '`codec/data.ts`' } = cells
  return `| ${section} | ${requirement} | ${where} | ${cells.test ?? '`codec/data.test.ts` › is "data" (T-1)'} |`
}
const check = (...rows: string[]) => checkConformance(table(...rows), tree).violations

describe('the check of CONFORMANCE.md', () => {
  it('is content with rows whose sources, tests and quotations are there, and counts them', () => {
    const rows = [
      row({}),
      row({ section: '9999 2, A, 4.5.3.1', test: '`codec/data.test.ts` › data › is "data" (T-1)' }),
      row({ requirement: '"Never send a bare one" and "A space-separated list"' }),
      row({ requirement: '"Lines consist of … terminated by"', where: '`codec/data.ts`, `codec/data.test.ts`' }),
      row({ test: '`codec/data.test.ts` › %s \\| \\*<br>`tests/transcripts/plain.md` › A message' }),
      row({ test: '`packages/codec/src/data.test.ts` › of … octets' }),
      row({ test: '`codec/data.test.ts` › other › twice' }),
    ]
    const verdict = checkConformance(table(...rows), tree)
    expect(verdict).toEqual({ violations: [], rows: 7, tests: 8, quotations: 4 })
  })

  it.each([
    ['a test that is not there', row({ test: '`codec/data.test.ts` › is data' }), 'has no test "is data"'],
    ['a test of half a name', row({ test: '`codec/data.test.ts` › is "data"' }), 'has no test "is "data""'],
    ['a name of two tests', row({ test: '`codec/data.test.ts` › twice' }), 'has 2 tests "twice"'],
    [
      'a test file that is not there',
      row({ test: '`codec/x.test.ts` › y' }),
      'there is no packages/codec/src/x.test.ts',
    ],
    ['a dialogue of another heading', row({ test: '`tests/transcripts/plain.md` › A mess' }), 'is not "A mess"'],
    [
      'a dialogue that is not there',
      row({ test: '`tests/transcripts/x.md` › y' }),
      'there is no tests/transcripts/x.md',
    ],
    ['no test', row({ test: 'it works' }), 'does not name a file and a test'],
    ['a source that is not there', row({ where: '`codec/x.ts`' }), 'there is no packages/codec/src/x.ts'],
    ['no source', row({ where: 'the codec' }), 'says nowhere who obeys'],
    ['an unquoted section', row({ section: 'all of it' }), '"all of it" is no section'],
    ['no requirement', row({ requirement: '' }), 'the requirement is empty'],
    ['half a quotation', row({ requirement: '"Never send' }), 'a quotation mark too few'],
    ['words that are not the RFC’s', row({ requirement: '"Never write a bare one"' }), 'not in RFC 9999: "Never write'],
    ['a cell too many', `${row({})} x |`, 'has 5 cells'],
  ])('finds %s', (_what, line, says) => {
    expect(check(row({}), line)).toEqual([expect.stringContaining(says)])
    expect(check(line)[0]).toMatch(/^CONFORMANCE\.md:7: /)
  })

  it('finds a table that belongs to no RFC, and looks at no other table', () => {
    const verdict = checkConformance(table(row({})).replace('RFC 9999', 'all'), tree)
    expect(verdict.violations).toEqual([
      'CONFORMANCE.md:5: a table under a heading that names no RFC',
      'packages/codec/src/data.ts speaks of RFC 9999, CONFORMANCE.md does not',
    ])
    expect(checkConformance('9999\n\n| RFC | what |\n|---|---|\n| x | y |\n', tree)).toMatchObject({
      rows: 0,
      violations: [],
    })
  })

  it('finds RFCs that sources speak of and the document does not', () => {
    expect(checkConformance('', tree).violations).toEqual([
      'packages/codec/src/data.ts speaks of RFC 9999, CONFORMANCE.md does not',
    ])
  })
})

describe('the titles of tests', () => {
  it('are read from the syntax tree, with the suites they are in', () => {
    const text = tree.sources.get('packages/codec/src/data.test.ts') ?? ''
    expect(readTitles('data.test.ts', text)).toEqual([
      { title: 'is "data" (T-1)', suites: ['data'] },
      { title: '%s | *', suites: ['data'] },
      { title: 'of … octets', suites: ['data'] },
      { title: 'twice', suites: ['$name'] },
      { title: 'twice', suites: ['other'] },
    ])
    expect(
      readTitles('x.ts', `// it('no', f)\nconst s = "it('no', f)"\nfit('no', f)\nit(name, f)\ndescribe('suite')`),
    ).toEqual([])
  })
})
