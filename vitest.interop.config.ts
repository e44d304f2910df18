import { defineConfig } from 'vitest/config'

// Real mail servers. Not part of `npm test`: it needs Linux, root and packages from Debian, and says so when they are missing.
export default defineConfig({
  // Tests run in the environment `ssr`, the global set-up in one of vitest's own.
  environments: { __vitest__: { resolve: { conditions: ['@postrider/source', 'node'] } } },
  ssr: { resolve: { conditions: ['@postrider/source'], externalConditions: ['@postrider/source'] } },
  test: {
    include: ['tests/interop/**/*.test.ts'],
    globalSetup: ['tests/interop/setup.ts'],
    setupFiles: ['tests/secrets/watch.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
