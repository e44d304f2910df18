// Reads one test file and answers the titles of its tests, as they stand in the source: a placeholder of a template is `…`, those of
// vitest (`%s`, `$name`) stay as they are.
import ts from 'typescript'

export interface TestTitle {
  readonly title: string
  /** Titles of the suites it is in, the outermost first. */
  readonly suites: readonly string[]
}

export function readTitles(path: string, text: string): TestTitle[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false)
  const found: TestTitle[] = []
  const visit = (node: ts.Node, suites: readonly string[]): void => {
    const kind = ts.isCallExpression(node) ? kindOf(node.expression) : undefined
    const title = ts.isCallExpression(node) ? titleOf(node.arguments[0]) : undefined
    if (kind === 'test' && title !== undefined) found.push({ title, suites })
    const inside = kind === 'suite' && title !== undefined ? [...suites, title] : suites
    ts.forEachChild(node, child => visit(child, inside))
  }
  visit(source, [])
  return found
}

/** What `it`, `it.each(…)`, `describe.skipIf(…)` and the like make. */
function kindOf(called: ts.Expression): 'test' | 'suite' | undefined {
  if (ts.isCallExpression(called) || ts.isPropertyAccessExpression(called)) return kindOf(called.expression)
  if (!ts.isIdentifier(called)) return undefined
  if (called.text === 'it' || called.text === 'test') return 'test'
  return called.text === 'describe' ? 'suite' : undefined
}

function titleOf(argument: ts.Expression | undefined): string | undefined {
  if (argument === undefined) return undefined
  if (ts.isStringLiteralLike(argument)) return argument.text
  if (!ts.isTemplateExpression(argument)) return undefined
  return argument.head.text + argument.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
}
