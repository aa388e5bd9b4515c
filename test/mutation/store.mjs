import { mutate } from './room.mjs'

export default mutate('store', {
  last: ['sqlite-log', 'damaged-rows', 'sqlite', 'sqlite-place', 'copies', 'restore', 'sqlite-file'],
  // What tap itself would add, for `t.mockImport`.
  nodeArgs: ['--import=@tapjs/mock/import'],
  // A server of its own for each change would take a day.
  without: ['postgres'],
  more: ['!src/store/postgres/**']
})
