/**
 * The API reference is made of the comments in the sources: every public name has one, and of smtplib's classes every method says what it throws.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packages = readdirSync(`${root}packages`)
const entry = (name: string) => `${root}packages/${name}/src/index.ts`

const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent({ ...config, files: packages.map(entry) }, ts.sys, root)
const program = ts.createProgram(packages.map(entry), { ...options, noEmit: true, types: ['node'] })
const checker = program.getTypeChecker()

function exportsOf(name: string): ts.Symbol[] {
  const source = program.getSourceFile(entry(name))
  const module = source && checker.getSymbolAtLocation(source)
  return module === undefined ? [] : checker.getExportsOfModule(module).map(resolve)
}

function resolve(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** It has a comment, or one that says that it is nobody's business. */
function isDocumented(symbol: ts.Symbol): boolean {
  return (
    symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags().some(tag => tag.name === 'internal')
  )
}

/** Public members of a class, inherited ones included, by name; not those of JavaScript's own classes, and none that is no word: `#private`, symbols. */
function membersOf(symbol: ts.Symbol): ts.Symbol[] {
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter(({ name }) => /^\w+$/.test(name))
    .filter(member =>
      (member.declarations ?? []).some(declaration => {
        const isOurs = declaration.getSourceFile().fileName.startsWith(`${root}packages/`)
        return (
          isOurs &&
          !(ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Protected | ts.ModifierFlags.Private))
        )
      }),
    )
}

function find(name: string): ts.Symbol {
  const found = exportsOf('mailer').find(symbol => symbol.name === name)
  if (found === undefined) throw new Error(`@postrider/mailer exports no ${name}`)
  return found
}

describe.each(packages)('every public name of %s', name => {
  it('has a comment that the reference can show', () => {
    const exported = exportsOf(name)
    expect(exported.length).toBeGreaterThan(0)
    expect(exported.filter(symbol => !isDocumented(symbol)).map(symbol => symbol.name)).toEqual([])
  })

  it('has one for every method and accessor of its classes, too', () => {
    const classes = exportsOf(name).filter(symbol => symbol.flags & ts.SymbolFlags.Class)
    const kinds = ts.SymbolFlags.Method | ts.SymbolFlags.Accessor
    const bare = classes.flatMap(symbol =>
      membersOf(symbol)
        .filter(member => member.flags & kinds && !isDocumented(member))
        .map(member => `${symbol.name}.${member.name}`),
    )
    expect(bare).toEqual([])
  })
})

describe('@throws', () => {
  it('names exceptions by links: what stands in braces is lost on the way into the reference', () => {
    const sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${root}packages/`))
    const lost = sources.filter(({ text }) => /@throws \{(?!@link)/.test(text))
    expect(sources.length).toBeGreaterThan(100)
    expect(lost.map(({ fileName }) => fileName.slice(root.length))).toEqual([])
  })
})

describe('smtplib’s classes', () => {
  it.each(['SMTP', 'SMTP_SSL', 'LMTP'])('%s has a comment at every member, and @throws at every method', name => {
    const members = membersOf(find(name))
    expect(members.length).toBeGreaterThan(60)
    expect(members.filter(member => !isDocumented(member)).map(member => member.name)).toEqual([])
    const methods = members.filter(member => member.flags & ts.SymbolFlags.Method)
    expect(methods.length).toBeGreaterThan(30)
    const silent = methods.filter(method => !method.getJsDocTags(checker).some(tag => tag.name === 'throws'))
    expect(silent.map(method => method.name)).toEqual([])
  })

  it('have exceptions with a comment at every field', () => {
    const exceptions = exportsOf('mailer').filter(({ name }) =>
      /^SMTP.*(Exception|Error|Refused|Disconnected)$/.test(name),
    )
    expect(exceptions.length).toBeGreaterThan(10)
    const bare = exceptions.flatMap(symbol =>
      membersOf(symbol)
        .filter(member => !isDocumented(member))
        .map(member => `${symbol.name}.${member.name}`),
    )
    expect(bare).toEqual([])
  })
})
