// Days and cells, written short.
import type { CellCount } from '../../src/model/cube.ts'
import { parseDay, type Day } from '../../src/model/day.ts'

export function d(text: string): Day {
  return parseDay(text)
}

const ZAP = { actionType: 'Spam ZAP', actionTrigger: 'SpecialAction', actionResult: 'Success' }

/** So many events that ended there, by an automatic purge unless other labels are given. */
export function cell(deliveryLocation: string, count: number, labels: Partial<CellCount> = {}): CellCount {
  return { deliveryLocation, ...ZAP, ...labels, count }
}
