import type { KeyboardEvent } from 'react'

/** The items of a menu that can take focus, in order. */
export function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
}

/** Arrow keys, Home and End, going round at both ends. True when the key was one of them. */
export function moveFocus(menu: HTMLElement, key: string): boolean {
  const items = itemsOf(menu)
  const at = items.indexOf(document.activeElement as HTMLElement)
  const last = items.length - 1
  const next =
    key === 'ArrowDown'
      ? at >= last
        ? 0
        : at + 1
      : key === 'ArrowUp'
        ? at <= 0
          ? last
          : at - 1
        : key === 'Home'
          ? 0
          : key === 'End'
            ? last
            : -1
  if (next < 0) return false
  items[next]?.focus()
  return true
}

/** A letter moves to the next item that begins with it. True when one was found. */
export function typeAhead(menu: HTMLElement, event: KeyboardEvent): boolean {
  if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey)
    return false
  const items = itemsOf(menu)
  const at = items.indexOf(document.activeElement as HTMLElement)
  const order = [...items.slice(at + 1), ...items.slice(0, at + 1)]
  const found = order.find((item) =>
    item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()),
  )
  found?.focus()
  return found !== undefined
}
