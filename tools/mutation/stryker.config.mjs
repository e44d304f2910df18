// Stryker's settings for one package: the one that MUTATED_PACKAGE names (run.mjs sets it), else the codec. Only what that
// package's own tests need is copied, and every package has a working folder and a report of its own, so that two can be
// mutated at a time.
const name = process.env.MUTATED_PACKAGE ?? 'codec'
const folder = `packages/${name}`
const report = `tools/mutation/report/${name}${process.env.MUTATED_FILE ?? ''}`

/** The tests of these packages need no more of vitest than in-process.mjs has, and run many times faster there. */
const inProcess = ['codec']

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
  testRunner: inProcess.includes(name) ? 'in-process' : 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner', new URL('in-process.mjs', import.meta.url).pathname],
  coverageAnalysis: 'perTest',
  timeoutMS: 5000,
  concurrency: 2,
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  htmlReporter: { fileName: `${report}.html` },
  jsonReporter: { fileName: `${report}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: `tools/mutation/.stryker-tmp/${name}`,
}
