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
  // What both entry points share is one chunk. Without this, tsup turns that chunk into CommonJS with a tool that also rewrites
  // class fields into assignments, and `static [Symbol.hasInstance]` does not survive it; with it, Rollup does.
  treeshake: true,
})
