import { describe, expect, it } from 'vitest'
import { longestMatch } from './active-href'
import { rangeText } from './data-table-footer'
import { placeFloating } from './floating'
import { formatDate, formatRelative, formatUtc } from './format-time'
import { HUES, hueOf, initialsOf } from './hue'
import { linePath } from './line-chart'
import { parseTableParams, writeTableParams } from './table-url'

describe('formatRelative', () => {
  const now = Date.UTC(2026, 2, 10, 12)
  it.each([
    [0, 'just now'],
    [4.9, 'just now'],
    [-4, 'just now'],
    [42, '42 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [7200, '2 h ago'],
    [86400, '1 day ago'],
    [86400 * 12, '12 days ago'],
    [-300, 'in 5 min'],
    [86400 * 40, '29 Jan 2026'],
  ])('%d s before now is "%s"', (seconds, text) => {
    expect(formatRelative(now - seconds * 1000, now)).toBe(text)
  })
  it('gives exact times in UTC', () => {
    expect(formatUtc(Date.UTC(2026, 2, 4, 7, 5, 9))).toBe('2026-03-04 07:05:09 UTC')
    expect(formatDate(Date.UTC(2026, 2, 4, 23, 59))).toBe('4 Mar 2026')
  })
})

describe('hueOf and initialsOf', () => {
  it('is steady and in range for any text', () => {
    const seeds = ['', 'acme', 'Größe', '🏭', ...Array.from({ length: 500 }, (_, i) => `tenant-${i}`)]
    for (const seed of seeds) {
      expect(hueOf(seed)).toBe(hueOf(seed))
      expect(hueOf(seed)).toBeGreaterThanOrEqual(0)
      expect(hueOf(seed)).toBeLessThan(HUES)
    }
    expect(new Set(seeds.map(hueOf)).size).toBe(HUES)
    expect(hueOf('e\u0301')).toBe(hueOf('\u00e9'))
  })
  it.each([
    ['Acme Corp', 'AC'],
    ['tom', 'T'],
    ['ada.brandt', 'AB'],
    ['  ', '?'],
    ['👩‍🚀 Lab', '👩‍🚀L'],
  ])('%s is %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
})

describe('longestMatch', () => {
  const hrefs = ['/', '/hosts', '/hosts/new', '/tenants?status=live']
  it.each([
    ['/', '/'],
    ['/hosts', '/hosts'],
    ['/hosts/7', '/hosts'],
    ['/hosts/new', '/hosts/new'],
    ['/hostsx', undefined],
    ['/tenants/1', '/tenants?status=live'],
    [null, undefined],
  ])('%s belongs to %s', (path, href) => {
    expect(longestMatch(path, hrefs)).toBe(href)
  })
})

describe('table state in the URL', () => {
  const facets = ['status', 'tenant']
  const byName = { id: 'name', desc: false }
  it('reads what it wrote and keeps foreign parameters', () => {
    const state = {
      q: 'web 1',
      sort: { id: 'seen', desc: true },
      cursor: 'c+/=',
      filters: { status: ['live', 'a,b'] },
    }
    const text = writeTableParams(new URLSearchParams('tab=x&q=old&status=gone'), state, facets, byName)
    expect(new URLSearchParams(text).get('tab')).toBe('x')
    expect(parseTableParams(new URLSearchParams(text), facets, byName)).toEqual(state)
  })
  it('leaves defaults out', () => {
    expect(
      writeTableParams(
        new URLSearchParams(),
        { q: '', sort: byName, cursor: null, filters: {} },
        facets,
        byName,
      ),
    ).toBe('')
  })
  it("reads a page's searchParams and survives nonsense", () => {
    expect(
      parseTableParams({ q: ['a', 'b'], status: ['live', ''], sort: '-', other: undefined }, facets, byName),
    ).toEqual({
      q: 'a',
      sort: byName,
      cursor: null,
      filters: { status: ['live'] },
    })
    expect(parseTableParams({ q: 'x'.repeat(5000) }).q).toHaveLength(200)
  })
})

describe('rangeText', () => {
  it.each([
    [{ from: 1, to: 50, total: 1284 }, '1–50 of 1,284'],
    [{ from: 51, to: 100, total: 10000, totalCapped: true }, '51–100 of 10,000+'],
    [{ from: 1, to: 7 }, '1–7'],
    [{ from: 0, to: 0, total: 0 }, '0 of 0'],
  ])('%o is %s', (page, text) => {
    expect(rangeText(page)).toBe(text)
  })
})

describe('placeFloating', () => {
  const view = { width: 400, height: 300 }
  const box = { width: 100, height: 80 }
  it('goes below, left edges aligned', () => {
    expect(placeFloating({ x: 50, y: 20, width: 40, height: 20 }, box, view)).toEqual({ x: 50, y: 46 })
  })
  it('flips when there is more room above', () => {
    expect(placeFloating({ x: 50, y: 250, width: 40, height: 20 }, box, view)).toEqual({ x: 50, y: 164 })
  })
  it('never leaves the viewport', () => {
    expect(placeFloating({ x: 380, y: 20, width: 40, height: 20 }, box, view).x).toBe(292)
    expect(
      placeFloating({ x: 0, y: 0, width: 10, height: 10 }, box, view, { side: 'top', align: 'end' }),
    ).toEqual({ x: 8, y: 16 })
  })
})

it('draws a line that breaks where nothing is known, and stays inside', () => {
  const frame = { from: 0, until: 100, step: 10, top: 50 }
  const points = [
    [0, 0],
    [10, 25],
    [40, 900],
    [50, null],
    [60, 50],
  ].map(([at, value]) => ({ at: at ?? 0, value: value ?? null }))
  expect(linePath(points, frame)).toBe('M0.0 119.0h0L60.0 60.0M240.0 1.0h0M360.0 1.0h0')
  expect(linePath([], frame)).toBe('')
})
