// Totals of the range: of all, and of each label, with its colour. They are the legend of the chart as well.
import { byId, element, swatch } from './dom.js'
import { formatChange, formatNumber, formatShare } from './format.js'

/** @param {import('./types.js').Result} result */
export function showTiles({ reply, columns, total, totalBefore, comparison }) {
  const known = reply.coverage.final + reply.coverage.provisional > 0
  const tiles = columns.map((column) => tile(column, swatch(column.colour)))
  if (reply.by !== 'total') tiles.unshift(tile({ name: 'All actions', total, before: totalBefore }))
  byId('tiles', HTMLUListElement).replaceChildren(...tiles)
  byId('compared', HTMLParagraphElement).textContent = comparison

  /** @param {{ name: string, total: number, before: number | null }} of @param {Node[]} marks */
  function tile({ name, total: sum, before }, ...marks) {
    const share = marks.length > 0 && reply.by !== 'total' && known ? formatShare(sum, total) : ''
    return element(
      'li',
      { class: marks.length > 0 ? 'tile' : 'tile all' },
      element('span', { class: 'tile-name' }, ...marks, element('span', {}, name)),
      element('span', { class: 'tile-total' }, known ? formatNumber(sum) : '—'),
      element('span', { class: 'tile-more' }, change(sum, before), share === '' ? '' : ` · ${share} of all`)
    )
  }

  /** @param {number} sum @param {number | null} before */
  function change(sum, before) {
    if (before === null)
      return element('span', { title: comparison }, '—', element('span', { class: 'sr-only' }, ' no change known'))
    return element('span', { title: `${formatNumber(before)} before` }, formatChange(sum, before))
  }
}
