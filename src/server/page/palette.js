// Colours. Those of the locations, the labels and the ground are the same as in the pictures that the service draws.

/** @type {Record<string, string>} */
const OF_LOCATION = {
  Quarantine: '#3269b0',
  Delete: '#b679df',
  Junk: '#62a077',
  Inbox: '#aa5105',
  Other: '#6d666a'
}

const OF_OTHERS = '#6d666a'
const IN_ORDER = ['#3269b0', '#b679df', '#62a077', '#aa5105', '#d17914', '#8856fc']

/** How many labels have a colour of their own. */
export const COLOURS = IN_ORDER.length

/** @param {string} by @param {string} label @param {number} i its place; -1: all the others */
export function colourOf(by, label, i) {
  if (by === 'location') return OF_LOCATION[label] ?? OF_OTHERS
  return IN_ORDER[i] ?? OF_OTHERS
}

const LIGHT = {
  text: '#57606a',
  mark: '#1c2128',
  line: '#868f99',
  grid: '#dfe3e8',
  early: '#eef3f8',
  missing: '#f0f2f4',
  lost: '#e3dada',
  hatch: '#868f99',
  stripe: 'rgba(255, 255, 255, .75)',
  pointed: 'rgba(28, 33, 40, .07)'
}
const DARK = {
  text: '#a3acb8',
  mark: '#e6e9ee',
  line: '#76808d',
  grid: '#2c333d',
  early: '#1c2430',
  missing: '#20262f',
  lost: '#38292b',
  hatch: '#76808d',
  stripe: 'rgba(20, 24, 31, .7)',
  pointed: 'rgba(230, 233, 238, .09)'
}

/** What the chart is drawn with, beside the colours of its labels. @param {boolean} dark */
export function inkOf(dark) {
  return dark ? DARK : LIGHT
}
