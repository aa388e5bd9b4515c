// `npm run bench` runs all benchmarks one after another, `npm run bench -- series` one of them.
const BENCHMARKS = ['series', 'start', 'import', 'pull']

const names = process.argv.length > 2 ? process.argv.slice(2, 3) : BENCHMARKS
for (const name of names) {
  if (!BENCHMARKS.includes(name)) throw new Error(`there is no benchmark '${name}': it is ${BENCHMARKS.join(', ')}`)
  console.log(`\n${name}`)
  await import(`./${name}.ts`)
}
