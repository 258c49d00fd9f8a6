'use client'

import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react'

export const ROW = 36
export const COLUMN = 104
export const HEAD = 44
/** Rows and columns beyond the edge that are drawn, so that a quick scroll shows no gap. */
const OVER = 6

export interface Extent {
  rows: number
  columns: number
  /** Width of the first column. */
  first: number
}

const between = (value: number, max: number) => Math.max(0, Math.min(value, max))

/** Which rows and columns of a grid have to be drawn, by where it is scrolled to and how large it is. */
export function useGridWindow(ref: RefObject<HTMLDivElement | null>, { rows, columns, first }: Extent) {
  const [view, setView] = useState({ top: 0, left: 0, width: 1200, height: 600 })
  const measure = useCallback(() => {
    const box = ref.current
    if (!box) return
    const { scrollTop: top, scrollLeft: left, clientWidth: width, clientHeight: height } = box
    setView((old) =>
      // Only whole cells matter: scrolling inside one draws nothing anew.
      Math.floor(old.top / ROW) === Math.floor(top / ROW) &&
      Math.floor(old.left / COLUMN) === Math.floor(left / COLUMN) &&
      old.width === width &&
      old.height === height
        ? old
        : { top, left, width, height },
    )
  }, [ref])
  useLayoutEffect(measure, [measure])
  useEffect(() => {
    const box = ref.current
    if (!box) return
    let frame = 0
    const onScroll = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(measure)
    }
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    box.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      cancelAnimationFrame(frame)
      observer.disconnect()
      box.removeEventListener('scroll', onScroll)
    }
  }, [ref, measure])
  const r0 = between(Math.floor(view.top / ROW) - OVER, rows)
  const r1 = between(Math.ceil((view.top + view.height - HEAD) / ROW) + OVER, rows)
  const c0 = between(Math.floor(view.left / COLUMN) - OVER, columns)
  const c1 = between(Math.ceil((view.left + view.width - first) / COLUMN) + OVER, columns)

  /** Brings a cell into sight. */
  const reveal = useCallback(
    (row: number, column: number) => {
      const box = ref.current
      if (!box) return
      const [y, x] = [row * ROW, column * COLUMN]
      const [height, width] = [box.clientHeight - HEAD, box.clientWidth - first]
      if (y < box.scrollTop) box.scrollTop = y
      else if (y + ROW > box.scrollTop + height) box.scrollTop = y + ROW - height
      if (x < box.scrollLeft) box.scrollLeft = x
      else if (x + COLUMN > box.scrollLeft + width) box.scrollLeft = x + COLUMN - width
    },
    [ref, first],
  )
  const shown = Math.max(1, Math.floor((view.height - HEAD) / ROW))
  return { r0, r1, c0, c1, shown, reveal }
}
