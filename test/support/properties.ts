// fast-check, trying the same cases every time, so that a failure is a change in the code and not luck; another
// SEED tries others.
import fc, { configureGlobal } from 'fast-check'

configureGlobal({ seed: Number(process.env['SEED'] ?? 20261101) })

export default fc
