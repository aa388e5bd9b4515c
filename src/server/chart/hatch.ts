// The patterns by which a picture tells states apart without colour. Their names are their content's: two pictures in
// one page that have a name in common have the pattern in common as well.
import { THEMES, type ChartTheme } from './palette.ts'

export const HATCHED = ['provisional', 'missing', 'lost'] as const
export type Hatched = (typeof HATCHED)[number]

/** What a shape of this state is filled with. */
export function hatchFill(state: Hatched, theme: ChartTheme): string {
  return `url(#${state}-${theme})`
}

/** The `<defs>` that those fills need. */
export function hatchDefs(theme: ChartTheme): string {
  const { background, missing, lost, hatch } = THEMES[theme]
  // Stripes of background over the bar: its colour stays, and looks lighter.
  const provisional = `<path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="${background}" stroke-width="1.8" stroke-opacity="0.75"/>`
  const sparse = `<rect width="12" height="12" fill="${missing}"/><path d="M0 0L12 12M-3 9L3 15M9 -3L15 3" stroke="${hatch}" stroke-width="0.9"/>`
  const crossed = `<rect width="8" height="8" fill="${lost}"/><path d="M0 0L8 8M8 0L0 8" stroke="${hatch}" stroke-width="1"/>`
  return `<defs>
${pattern(`provisional-${theme}`, 6, provisional)}
${pattern(`missing-${theme}`, 12, sparse)}
${pattern(`lost-${theme}`, 8, crossed)}
</defs>`
}

function pattern(id: string, size: number, content: string): string {
  return `<pattern id="${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${content}</pattern>`
}
