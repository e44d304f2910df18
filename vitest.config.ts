import { defineConfig } from 'vitest/config'

// One root process runs every unit test from source: no build stands between an edit and its test.
export default defineConfig({
  ssr: { resolve: { conditions: ['@postrider/source'], externalConditions: ['@postrider/source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/cli/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'tests/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/.stryker-tmp/**', 'tests/interop/**'],
    // Vitest would keep one processor for itself; there is little for it to do, and on a machine with two that is half of it.
    maxWorkers: '100%',
    // Cells of the fault table wait for silence, not for the processor.
    maxConcurrency: 24,
    // No test measures time. This only ends one that hangs, and must not end one that shares its processor.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    setupFiles: ['tests/secrets/watch.ts'],
    env: { NO_COLOR: '1' },
  },
})
