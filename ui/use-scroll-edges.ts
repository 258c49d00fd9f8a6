'use client'
import { useEffect, useRef } from 'react'

/**
 * Marks an element that scrolls sideways with `data-scroll="left right"`: on which sides more is hidden. Set on the element itself,
 * so scrolling draws nothing anew.
 */
export function useScrollEdges() {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const el = ref.current
    if (!el) return
    const update = () => {
      const right = el.scrollWidth - el.clientWidth - el.scrollLeft
      el.dataset.scroll = `${el.scrollLeft > 0 ? 'left' : ''} ${right > 1 ? 'right' : ''}`.trim()
    }
    update()
    const observer = new ResizeObserver(update)
    observer.observe(el)
    if (el.firstElementChild) observer.observe(el.firstElementChild)
    el.addEventListener('scroll', update, { passive: true })
    return () => {
      observer.disconnect()
      el.removeEventListener('scroll', update)
    }
  }, [])
  return ref
}
