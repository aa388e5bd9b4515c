// From what ECharts writes to a document that stands alone.
import { hatchDefs } from './hatch.ts'
import type { ChartTheme } from './palette.ts'
import { escapeXml } from './text.ts'

/** Fonts that a viewer may have. No file is embedded: it would be larger than the picture. */
export const FONTS = 'system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif'

export interface DocumentTerms {
  readonly title: string
  readonly description: string
  readonly theme: ChartTheme
}

/** Its title and description come first, where readers of the screen look for them; neither needs an id. */
export function toDocument(svg: string, { title, description, theme }: DocumentTerms): string {
  const [, width, height] = /^<svg width="(\d+)" height="(\d+)"/.exec(svg) ?? []
  const content = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${FONTS}">
<title>${escapeXml(title)}</title>
<desc>${escapeXml(description)}</desc>
${hatchDefs(theme)}
${content
  // Rules for a pointer, which a picture has not. Their names also count through the whole process.
  .replace(/<style[^>]*>.*?<\/style>/gs, '')
  .replace(/<\w[^>]*>/g, withoutStyle)
  .replace(/\n\s*\n/g, '\n')
  .trim()}
</svg>
`
}

/**
 * A tag with attributes in place of styles, which the policy of a page may forbid. In what ECharts writes, no text and
 * no value holds a bracket or a quote that is not escaped.
 */
function withoutStyle(tag: string): string {
  return tag
    .replace(/ (?:class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) =>
      style
        .split(';')
        .map((rule) => rule.split(':'))
        .filter(([name]) => name === 'font-size' || name === 'font-weight')
        .map(([name, value]) => ` ${name}="${value?.trim()}"`)
        .join('')
    )
}
