/** How many hues app/globals.css defines (`.hue-0` and up). */
export const HUES = 12

/** A steady hue for a name or id, 0..11 (FNV-1a): the same on server and client, today and after a restart. */
export function hueOf(seed: string): number {
  let hash = 0x811c9dc5
  for (const char of seed.normalize('NFC')) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES
}

/** One or two letters for a name: "Acme Corp" is AC, "tom" is T. By grapheme, so emoji and accents stay whole. */
export function initialsOf(name: string, max: 1 | 2 = 2): string {
  const words = name
    .trim()
    .split(/[\s._-]+/)
    .filter(Boolean)
  const picked = words.length > 1 && max === 2 ? [words[0]!, words[words.length - 1]!] : words.slice(0, 1)
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  return picked.map((word) => [...segmenter.segment(word)][0]?.segment.toUpperCase() ?? '').join('') || '?'
}
