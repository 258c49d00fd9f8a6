import type { Target } from '@/lib/matrix'

export interface Place {
  row: number
  column: number
}

/** Where an arrow key, Home, End, Page Up or Page Down leads; null for another key. */
export function moved(
  { row, column }: Place,
  { key, ctrlKey, metaKey }: { key: string; ctrlKey: boolean; metaKey: boolean },
  extent: { rows: number; columns: number; page: number },
): Place | null {
  const [lastRow, lastColumn] = [extent.rows - 1, extent.columns - 1]
  const far = ctrlKey || metaKey
  switch (key) {
    case 'ArrowUp':
      return { row: far ? 0 : Math.max(0, row - 1), column }
    case 'ArrowDown':
      return { row: far ? lastRow : Math.min(lastRow, row + 1), column }
    case 'ArrowLeft':
      return { row, column: far ? 0 : Math.max(0, column - 1) }
    case 'ArrowRight':
      return { row, column: far ? lastColumn : Math.min(lastColumn, column + 1) }
    case 'Home':
      return { row: far ? 0 : row, column: 0 }
    case 'End':
      return { row: far ? lastRow : row, column: lastColumn }
    case 'PageUp':
      return { row: Math.max(0, row - extent.page), column }
    case 'PageDown':
      return { row: Math.min(lastRow, row + extent.page), column }
    default:
      return null
  }
}

const TARGET_KEYS: Record<string, Target> = { n: 'none', s: 'sees', u: 'uses', e: 'edits' }

/** The level that a letter sets the selected cells to. */
export const targetOf = (key: string): Target | undefined => TARGET_KEYS[key.toLowerCase()]

/** Every place in the rectangle between two. */
export function rectangle(a: Place, b: Place): Place[] {
  const [top, bottom] = [Math.min(a.row, b.row), Math.max(a.row, b.row)]
  const [left, right] = [Math.min(a.column, b.column), Math.max(a.column, b.column)]
  return Array.from({ length: bottom - top + 1 }, (_, r) =>
    Array.from({ length: right - left + 1 }, (_, c) => ({ row: top + r, column: left + c })),
  ).flat()
}
