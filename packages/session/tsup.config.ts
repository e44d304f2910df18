import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'neutral',
  external: [/^node:/],
  dts: false,
  clean: true,
  sourcemap: true,
  splitting: true,
})
