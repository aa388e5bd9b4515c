// Loaded before the program into a process of its own (`--import`): its clock is ahead of the machine's by so many
// milliseconds as a file says, which is read again at each SIGWINCH. So days pass while the whole program runs.
import { readFileSync } from 'node:fs'

const RealDate = Date
let aheadMs = 0

function readFile(): void {
  aheadMs = Number(readFileSync(process.env['TEST_CLOCK_FILE'] ?? '', 'utf8'))
}

readFile()
process.on('SIGWINCH', readFile)

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [target.now() + aheadMs] : args, as),
  get: (target, name, receiver) =>
    name === 'now' ? () => target.now() + aheadMs : (Reflect.get(target, name, receiver) as unknown)
})
