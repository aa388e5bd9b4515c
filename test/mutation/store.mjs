import { mutate } from './room.mjs'

export default mutate('store', {
  last: ['sqlite-log', 'damaged-rows', 'sqlite', 'copies', 'restore', 'sqlite-place', 'sqlite-file']
})
