import { FAULTS } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'
import { OPEN } from './open.js'
import { faultsPage } from './page.js'

const page = faultsPage()
const path = new URL('../../apps/docs/faults.md', import.meta.url).pathname

describe('the page about faults', () => {
  it('is what the table says: npx vitest run tests/faults/page.test.ts -u writes it', async () => {
    await expect(page).toMatchFileSnapshot(path)
  })

  it('has every cell, brackets around those that are open, and their names', () => {
    const rows = [...page.matchAll(/^\| \*\*.*$/gm)].flatMap(([row]) => row.split(' | ').slice(1))
    const cells = rows.filter(cell => /^\(?[ARDU?]{1,3}\/[KQX]\)?(?: \|)?$/.test(cell))
    expect(cells.length).toBe(FAULTS.length)
    expect(cells.filter(cell => cell.startsWith('(')).length).toBe(OPEN.size)
    for (const name of OPEN) expect(page).toMatch(new RegExp(`\\b${name}[,.]`))
  })

  it('has every rule once', () => {
    const rules = [...page.matchAll(/^- \*\*R(\d+)\*\* /gm)].map(([, number]) => Number(number))
    expect(rules).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
  })
})
