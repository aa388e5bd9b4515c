// `npm run bench` measures everything, one thing after another, and prints one table; `npm run bench -- hot cold` some of
// it. What was seen is added to history.ndjson beside this file, so that what became worse shows. `npm run bench --
// import` measures how fast an export is counted, and is told by itself.
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMet, tableOf, type Figure } from './figures.ts'
import { load } from './processes.ts'
import { whereAndWhen } from './support.ts'

const BENCHMARKS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  hot: async () => (await import('./hot.ts')).hot(),
  cold: async () => (await import('./cold.ts')).cold(),
  store: async () => (await import('./store.ts')).storeFigures(),
  start: async () => (await import('./start.ts')).start(),
  pull: async () => (await import('./pull.ts')).pull(),
  many: async () => (await import('./many.ts')).many()
}
const HISTORY = join(import.meta.dirname, 'history.ndjson')

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHMARKS)
if (names.includes('import')) await import('./import.ts')
const figures: Figure[] = []
const begun = load()
for (const name of names.filter((each) => each !== 'import')) {
  const measure = BENCHMARKS[name]
  if (measure === undefined) {
    throw new Error(`there is no benchmark '${name}': it is ${Object.keys(BENCHMARKS).join(', ')}, or import`)
  }
  console.error(`${name} ...`)
  figures.push(...(await measure()))
}
if (figures.length > 0) {
  const where = `${whereAndWhen()}; processes that wanted to run: ${begun} at the start, ${load()} at the end`
  console.log(`\n${where}\n\n${tableOf(figures)}\n`)
  const missed = figures.filter((each) => isMet(each) === false).length
  console.log(missed === 0 ? 'every goal is met' : `${missed} goals are missed`)
  const seen = Object.fromEntries(figures.map(({ name, measured }) => [name, Number(measured.toPrecision(4))]))
  await appendFile(HISTORY, `${JSON.stringify({ where, seen })}\n`)
}
