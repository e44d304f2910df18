import { defineConfig } from 'vitest/config'

const name = process.env['MUTATED_PACKAGE'] ?? 'codec'

// What kills mutants: the package's own tests, and nothing that needs more than its folder.
export default defineConfig({
  test: {
    include: [`packages/${name}/src/**/*.test.ts`],
    setupFiles: ['tools/mutation/properties.ts'],
    testTimeout: 60_000,
    env: { NO_COLOR: '1' },
  },
})
