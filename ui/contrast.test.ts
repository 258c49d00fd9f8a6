import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../app/globals.css', import.meta.url), 'utf8')

function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`)
  const block = css.slice(start, css.indexOf('\n}', start))
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!]))
}

/** Relative luminance (WCAG 2) of "oklch(L C H)" or "L C" with a hue; out-of-gamut channels are clipped. */
function luminance(l: number, c: number, h: number): number {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)]
  const [x, y, z] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ]
  const clip = (value: number) => Math.min(1, Math.max(0, value))
  const red = clip(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z)
  const green = clip(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z)
  const blue = clip(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function parse(value: string): number {
  const [l, c, h] = value
    .replace(/^oklch\(|\)$/g, '')
    .split(' ')
    .map(Number)
  return luminance(l!, c!, h!)
}

const ratio = (one: number, two: number) => (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)

const SURFACES = ['canvas', 'page', 'surface', 'subtle', 'overlay']
const TONES = ['accent', 'success', 'warning', 'danger', 'info']
const PAIRS: [string, string][] = [
  ...[...SURFACES, 'hover', 'accent-soft'].flatMap((on): [string, string][] => [
    ['fg', on],
    ['muted', on],
  ]),
  ...SURFACES.map((on): [string, string] => ['faint', on]),
  ...TONES.flatMap((tone) =>
    [...SURFACES, `${tone}-soft`].map((on): [string, string] => [`${tone}-ink`, on]),
  ),
  ...TONES.map((tone): [string, string] => ['fg', `${tone}-soft`]),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['fg', 'active'],
]
const MARKS: [string, string][] = ['accent', 'success', 'danger-mark', 'info', 'ring', 'faint'].flatMap(
  (mark) => ['page', 'surface'].map((on): [string, string] => [mark, on]),
)

describe.each([':root', '.dark'])('colours of %s', (selector) => {
  const tokens = tokensOf(selector)
  const value = (name: string) => parse(tokens.get(name) ?? `missing ${name}`)

  it.each(PAIRS)('%s is readable on %s (WCAG AA, 4.5)', (text, on) => {
    expect(ratio(value(text), value(on))).toBeGreaterThanOrEqual(4.5)
  })
  it.each(MARKS)('%s stands out on %s (3)', (mark, on) => {
    expect(ratio(value(mark), value(on))).toBeGreaterThanOrEqual(3)
  })
  it('white is readable on danger', () => {
    expect(ratio(1, value('danger'))).toBeGreaterThanOrEqual(4.5)
    expect(ratio(1, value('danger-hover'))).toBeGreaterThanOrEqual(4.5)
  })
  it.each([...css.matchAll(/--h: (\d+);/g)].map((match) => Number(match[1])))(
    'marks of hue %i are readable',
    (hue) => {
      const of = (name: string) => {
        const [l, c] = tokens.get(name)!.split(' ').map(Number)
        return luminance(l!, c!, hue)
      }
      expect(ratio(1, of('mark-bg'))).toBeGreaterThanOrEqual(4.5)
      expect(ratio(of('tint-fg'), of('tint-bg'))).toBeGreaterThanOrEqual(4.5)
    },
  )
})
