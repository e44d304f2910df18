// Reads one TypeScript source and answers every module it names: static, re-exporting, type-only, dynamic and
// required, and `/// <reference types>`. Works on the syntax tree, so comments and strings are never mistaken for imports.
import ts from 'typescript'

/** One place where a source names another module. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is left when the types are gone: `import type`, `export type`, `import('…')` in a type, `/// <reference>`. */
  readonly typeOnly: boolean
}

export function readImports(path: string, text: string): Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false)
  const found: Import[] = []
  const add = (specifier: string, position: number, typeOnly: boolean) => {
    found.push({ specifier, line: source.getLineAndCharacterOfPosition(position).line + 1, typeOnly })
  }
  for (const reference of source.typeReferenceDirectives) add(reference.fileName, reference.pos, true)
  const visit = (node: ts.Node): void => {
    const name = moduleName(node)
    if (name !== undefined && ts.isStringLiteralLike(name)) add(name.text, name.pos, isErased(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function moduleName(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isExternalModuleReference(node)) return node.expression
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (!ts.isCallExpression(node)) return undefined
  const called = node.expression
  const loads = called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require')
  return loads ? node.arguments[0] : undefined
}

function isErased(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  return ts.isImportTypeNode(node) || (ts.isExportDeclaration(node) && node.isTypeOnly)
}
