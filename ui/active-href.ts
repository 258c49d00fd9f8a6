/**
 * Which of the links the current path belongs to: the longest one that equals it or is a parent of it.
 * Query strings and fragments of the links do not count.
 */
export function longestMatch(path: string | null, hrefs: readonly string[]): string | undefined {
  let best: string | undefined
  let length = -1
  for (const href of hrefs) {
    const target = href.split(/[?#]/, 1)[0]!.replace(/\/+$/, '')
    const inside = path === (target || '/') || (target !== '' && path?.startsWith(`${target}/`))
    if (inside && target.length > length) {
      best = href
      length = target.length
    }
  }
  return best
}
