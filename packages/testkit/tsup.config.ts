import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/assert.ts', 'src/mail.ts', 'src/vitest.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: false,
  clean: true,
  sourcemap: true,
  splitting: true,
  // As in @postrider/session: shared chunks of the CommonJS half need Rollup to keep class fields as they are.
  treeshake: true,
})
