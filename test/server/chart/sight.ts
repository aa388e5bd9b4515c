// How far apart two colours are for somebody, and how well one is seen on the other.

type Triple = readonly [number, number, number]
type Matrix = readonly [Triple, Triple, Triple]

// What is left of linear light, red, green and blue: Machado, Oliveira and Fernandes 2009, at full severity.
const SEEN = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039]
  ]
} as const satisfies Record<string, Matrix>

export type Sight = keyof typeof SEEN
export const SIGHTS = ['normal', 'protanopia', 'deuteranopia', 'tritanopia'] as const satisfies readonly Sight[]

/** The contrast of WCAG 2, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

/** The distance in OKLab, times 100; two neighbouring areas are told apart from about 5. */
export function difference(a: string, b: string, sight: Sight): number {
  const [x, y] = [a, b].map((color) => toOklab(times(SEEN[sight], linear(color)).map(toUnit)))
  return 100 * Math.hypot(...(x ?? []).map((value, i) => value - (y?.[i] ?? 0)))
}

function luminance(color: string): number {
  const [red, green, blue] = linear(color)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linear(color: string): Triple {
  const part = (place: number): number => {
    const value = Number.parseInt(color.slice(place, place + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

function toUnit(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function times(matrix: Matrix, [a, b, c]: Triple): number[] {
  return matrix.map(([x, y, z]) => x * a + y * b + z * c)
}

// Ottosson 2020.
function toOklab([red = 0, green = 0, blue = 0]: readonly number[]): number[] {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005]
    ],
    [red, green, blue]
  ).map(Math.cbrt)
  const [long = 0, middle = 0, short = 0] = cones
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766]
    ],
    [long, middle, short]
  )
}
