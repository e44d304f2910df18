// Gives the CommonJS half of a package its types: every dist/*.d.ts is copied to *.d.cts with its relative
// imports pointing at .cjs, so that `require` and `import` both resolve to declarations of their own kind.
// Runs in a package's folder, after tsc has written dist/*.d.ts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

for (const name of readdirSync('dist', { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue
  const text = readFileSync(join('dist', name), 'utf8')
  const relative = text.replace(/((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]*)\.js(['"])/g, '$1.cjs$2')
  writeFileSync(join('dist', name.replace(/\.d\.ts$/, '.d.cts')), relative.replace(/\n\/\/# sourceMappingURL=.*$/m, ''))
}
