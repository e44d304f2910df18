// Stryker's settings for one package: the one that MUTATED_PACKAGE names (run.mjs sets it), else the codec. Only what that
// package's own tests need is copied, and every package has a working folder and a report of its own, so that two can be
// mutated at a time.
const name = process.env.MUTATED_PACKAGE ?? 'codec'
const folder = `packages/${name}`

export default {
  mutate: [`${folder}/src/**/*.ts`, `!${folder}/src/**/*.test.ts`, `!${folder}/src/**/*.d.ts`],
  ignorePatterns: [
    '**',
    `!${folder}/src/**`,
    `!${folder}/test/**`,
    `!${folder}/README.md`,
    `!${folder}/package.json`,
    `!${folder}/tsconfig*.json`,
    '!tools/mutation/vitest.config.ts',
    '!tools/mutation/properties.ts',
    '!tsconfig*.json',
    '!package.json',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  timeoutMS: 5000,
  concurrency: 2,
  reporters: ['clear-text', 'html', 'progress-append-only'],
  htmlReporter: { fileName: `tools/mutation/report/${name}.html` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: `tools/mutation/.stryker-tmp/${name}`,
}
