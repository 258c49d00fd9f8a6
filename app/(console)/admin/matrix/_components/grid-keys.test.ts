import { describe, expect, test } from 'vitest'
import { moved, rectangle, targetOf } from './grid-keys'

const extent = { rows: 10, columns: 5, page: 4 }
const press = (key: string, ctrlKey = false) =>
  moved({ row: 2, column: 2 }, { key, ctrlKey, metaKey: false }, extent)

describe('keys of the matrix', () => {
  test('move by one, to the ends and by a page, and never out of the grid', () => {
    expect(press('ArrowUp')).toEqual({ row: 1, column: 2 })
    expect(press('ArrowDown', true)).toEqual({ row: 9, column: 2 })
    expect(press('ArrowLeft', true)).toEqual({ row: 2, column: 0 })
    expect(press('End')).toEqual({ row: 2, column: 4 })
    expect(press('Home', true)).toEqual({ row: 0, column: 0 })
    expect(press('PageUp')).toEqual({ row: 0, column: 2 })
    expect(press('PageDown')).toEqual({ row: 6, column: 2 })
    expect(press('x')).toBeNull()
  })
  test('name levels by their letters, and select rectangles either way', () => {
    expect(targetOf('S')).toBe('sees')
    expect(targetOf('x')).toBeUndefined()
    const places = rectangle({ row: 3, column: 1 }, { row: 2, column: 2 })
    expect(places).toHaveLength(4)
    expect(places).toContainEqual({ row: 2, column: 1 })
  })
})
