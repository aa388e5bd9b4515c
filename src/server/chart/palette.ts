// The colours of every chart of ours, drawn here or by the page: one colour a location, wherever it is shown.
import type { Location } from '../../model/cube.ts'

export const CHART_THEMES = ['light', 'dark'] as const
export type ChartTheme = (typeof CHART_THEMES)[number]

/**
 * One colour for each location, the same in both themes. Each has a contrast of 3 or more against both backgrounds, and
 * any two can be told apart with normal sight, protanopia, deuteranopia and tritanopia: found by a search over OKLab
 * distances under simulated sight, and held by a test.
 */
export const LOCATION_COLORS: { readonly [L in Location]: string } = {
  Quarantine: '#3269b0',
  Delete: '#b679df',
  Junk: '#62a077',
  Inbox: '#aa5105',
  Other: '#6d666a'
}

/** For columns that are no locations, in their order: the same colours and two more, as well apart. */
export const SERIES_COLORS: readonly string[] = ['#3269b0', '#b679df', '#62a077', '#aa5105', '#d17914', '#8856fc']
/** For what is left over, when there are more columns than colours. */
export const OTHERS_COLOR = '#6d666a'

export interface ThemeColors {
  readonly background: string
  readonly text: string
  /** Text of less weight; still 4.5 against the background. */
  readonly muted: string
  readonly gridLine: string
  /** Behind provisional rows, so that a quiet one is seen as well. */
  readonly provisional: string
  /** Under the hatch of what was not read, and of what is lost. */
  readonly missing: string
  readonly lost: string
  /** The hatch itself; 3 against what lies under it. */
  readonly hatch: string
  /** Behind the words that say that counts are invented. */
  readonly notice: string
}

export const THEMES: { readonly [T in ChartTheme]: ThemeColors } = {
  light: {
    background: '#ffffff',
    text: '#1c2128',
    muted: '#57606a',
    gridLine: '#dfe3e8',
    provisional: '#edf2fb',
    missing: '#f0f2f4',
    lost: '#e3dada',
    hatch: '#747d87',
    notice: '#fff1cc'
  },
  dark: {
    background: '#14181f',
    text: '#e6e9ee',
    muted: '#a3acb8',
    gridLine: '#2c333d',
    provisional: '#1d2838',
    missing: '#20262f',
    lost: '#38292b',
    hatch: '#828c99',
    notice: '#4a3a0c'
  }
}
