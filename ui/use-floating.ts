'use client'
import { useLayoutEffect, type RefObject } from 'react'
import { placeFloating, type Placement } from './floating'

/** The first element inside a `display: contents` wrapper: what the user sees as the anchor. */
export function anchorOf(host: HTMLElement | null): HTMLElement | null {
  const child = host?.firstElementChild
  return child instanceof HTMLElement ? child : null
}

/** Sets a floating element's place once. Through CSSOM, which a strict style-src allows. */
function moveTo(anchor: Element, floating: HTMLElement, placement: Placement): void {
  const view = { width: document.documentElement.clientWidth, height: window.innerHeight }
  const { x, y } = placeFloating(
    anchor.getBoundingClientRect(),
    floating.getBoundingClientRect(),
    view,
    placement,
  )
  floating.style.left = `${Math.round(x)}px`
  floating.style.top = `${Math.round(y)}px`
}

/** Shows `floating` (a `popover="manual"` element) in the top layer beside the anchor for as long as `open`. */
export function useFloating(
  host: RefObject<HTMLElement | null>,
  floating: RefObject<HTMLElement | null>,
  open: boolean,
  { side, align, gap }: Placement,
): void {
  useLayoutEffect(() => {
    const anchor = anchorOf(host.current)
    const el = floating.current
    if (!open || !anchor || !el) return
    const update = () => moveTo(anchor, el, { side, align, gap })
    if (!el.matches(':popover-open')) el.showPopover()
    update()
    const observer = new ResizeObserver(update)
    observer.observe(el)
    window.addEventListener('scroll', update, { capture: true, passive: true })
    window.addEventListener('resize', update)
    return () => {
      observer.disconnect()
      window.removeEventListener('scroll', update, { capture: true })
      window.removeEventListener('resize', update)
      if (el.isConnected && el.matches(':popover-open')) el.hidePopover()
    }
  }, [open, host, floating, side, align, gap])
}
