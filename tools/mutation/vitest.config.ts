import { defineConfig } from 'vitest/config'

// What kills mutants: the codec's own tests, and nothing that needs more than its folder.
export default defineConfig({
  test: { include: ['packages/codec/src/**/*.test.ts'], testTimeout: 60_000, env: { NO_COLOR: '1' } },
})
