// What a picture of a series shows, in words.
import { DIMENSIONS, LOCATIONS } from '../model/cube.ts'
import type { By, SeriesQuery } from '../model/series.ts'

const NAMES: { readonly [B in Exclude<By, 'total'>]: string } = {
  location: 'location',
  deliveryLocation: 'delivery location',
  actionType: 'action type',
  actionTrigger: 'action trigger',
  actionResult: 'action result'
}

/** What is counted, and which of it: `Post-delivery actions by location · action type Phish ZAP, Spam ZAP`. */
export function titleOf({ by, locations, labels }: SeriesQuery): string {
  const filters = DIMENSIONS.flatMap((dimension) =>
    labels[dimension] === undefined ? [] : [`${NAMES[dimension]} ${labels[dimension].join(', ')}`]
  )
  const some = locations.length < LOCATIONS.length ? [`${NAMES.location} ${locations.join(', ')}`] : []
  const columns = by === 'total' ? '' : ` by ${NAMES[by]}`
  return [`Post-delivery actions${columns}`, ...some, ...filters].join(' · ')
}
