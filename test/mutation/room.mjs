// What Stryker needs to know to change a room of the service, one small thing at a time, and see whether a test notices.
import { readdirSync } from 'node:fs'

// Most of the time goes into loading tap and the tests anew for each change.
process.env.NODE_COMPILE_CACHE ??= '.tap/mutation/compiled'

/**
 * The settings for one room. Its tests are run file by file, each in a process of its own, until one fails: those of
 * `last` take long, those of `without` take too long for what they notice.
 */
export function mutate(room, { last = [], without = [], nodeArgs = [], more = [], thresholds } = {}) {
  const names = readdirSync(`test/${room}`).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? [])
  const first = names.filter((name) => !last.includes(name) && !without.includes(name))
  return {
    mutate: [`src/${room}/**/*.ts`, ...more],
    testRunner: 'tap',
    plugins: ['@stryker-mutator/tap-runner', './test/mutation/messages.mjs'],
    ignorers: ['messages'],
    tap: {
      testFiles: [...first, ...last].map((name) => `test/${room}/${name}.test.ts`),
      nodeArgs: [...nodeArgs, '-r', '{{hookFile}}', '{{testFile}}']
    },
    coverageAnalysis: 'perTest',
    // TypeScript 7 has no API by which Stryker could rewrite a tsconfig; Node strips the types without one.
    tsconfigFile: 'none',
    concurrency: 1,
    thresholds: { high: 95, low: 80, break: null, ...thresholds },
    tempDirName: `.tap/mutation/${room}`,
    incrementalFile: `.tap/mutation/${room}-incremental.json`,
    jsonReporter: { fileName: `.tap/mutation/${room}.json` },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    reporters: ['clear-text', 'json', 'progress-append-only'],
    ignorePatterns: ['.tap', 'bench', 'docker', 'openapi']
  }
}
