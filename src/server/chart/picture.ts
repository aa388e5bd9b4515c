// The picture itself, by ECharts: axes that fit the numbers, the shapes between them, and the frame. Loaded only when
// somebody asks for a picture.
import { CustomChart, type CustomSeriesOption } from 'echarts/charts'
import { GraphicComponent, GridComponent } from 'echarts/components'
import type { GraphicComponentOption, GridComponentOption } from 'echarts/components'
import { init, use, type ComposeOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { ChartQuestion } from './chart.ts'
import { frameOf } from './frame.ts'
import { hatchFill } from './hatch.ts'
import { HEIGHT, layoutOf, MARGIN, WIDTH } from './layout.ts'
import { THEMES } from './palette.ts'
import { shapesOf, type Plot } from './shapes.ts'
import type { Stack } from './stack.ts'
import { inShort } from './text.ts'
import { ticksOf } from './ticks.ts'

use([CustomChart, GridComponent, GraphicComponent, SVGRenderer])

type Option = ComposeOption<CustomSeriesOption | GridComponentOption | GraphicComponentOption>

/** What ECharts writes for the picture. */
export function drawPicture(question: ChartQuestion, stack: Stack): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  try {
    chart.setOption(optionOf(question, stack))
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

function optionOf(question: ChartQuestion, stack: Stack): Option {
  const colors = THEMES[question.theme]
  const layout = layoutOf(question, stack)
  const { plot } = layout
  const dates = stack.rows.map(({ date }) => date)
  const ticks = ticksOf(dates, question.step)
  const atTick = (place: number): boolean => ticks.has(place)
  const peak = stack.rows.reduce((most, { total }) => Math.max(most, total), 0)
  const axisText = { color: colors.muted, fontSize: 15, lineHeight: 18 }
  const axisLine = { lineStyle: { color: colors.muted } }
  return {
    animation: false,
    backgroundColor: colors.background,
    grid: {
      left: plot.x,
      right: MARGIN,
      top: plot.y,
      height: plot.height,
      // The plot lies where the layout says; its labels have their room beside it.
      outerBoundsMode: 'none'
    },
    xAxis: {
      type: 'category',
      data: dates,
      axisLine,
      axisTick: { ...axisLine, alignWithLabel: true, interval: atTick },
      axisLabel: { ...axisText, interval: atTick, formatter: (_: string, place: number) => ticks.get(place) ?? '' }
    },
    yAxis: {
      type: 'value',
      min: 0,
      ...(peak === 0 ? { max: 1 } : {}),
      // Actions are whole.
      minInterval: 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colors.gridLine } },
      axisLabel: { ...axisText, formatter: inShort }
    },
    graphic: { elements: frameOf(question, stack, layout) },
    series: [
      {
        type: 'custom',
        // Two points that span the axes; everything is drawn with the first.
        data:
          dates.length === 0
            ? []
            : [
                [0, 0],
                [dates.length - 1, peak]
              ],
        renderItem: ({ dataIndex }, api) => {
          if (dataIndex > 0) return null
          const yOf = (count: number): number => api.coord([0, count])[1] ?? 0
          return { type: 'group', children: filledShapes(question, stack, { ...plot, yOf }) }
        }
      }
    ]
  }
}

/** In the order in which they are laid over each other. */
function filledShapes({ theme }: ChartQuestion, stack: Stack, plot: Plot): FilledShape[] {
  const { bands, provisional, places } = shapesOf(stack.rows, stack.bands.length, plot)
  return [
    filled(places.provisional, THEMES[theme].provisional),
    ...stack.bands.map(({ color }, i) => filled(bands[i] ?? '', color)),
    filled(provisional, hatchFill('provisional', theme)),
    filled(places.missing, hatchFill('missing', theme)),
    filled(places.lost, hatchFill('lost', theme))
  ].filter(({ shape }) => shape.pathData !== '')
}

type FilledShape = ReturnType<typeof filled>

function filled(pathData: string, fill: string) {
  return { type: 'path' as const, shape: { pathData }, style: { fill } }
}
