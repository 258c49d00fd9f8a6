/** Without what is not told. */
export const told = <T>(values: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, T>

/** Further facts to show: short texts, without what is not told. */
export const shown = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(told(values)).map(([name, text]) => [name, text.slice(0, 200)]))

/** A UUID as people write it, of 32 hex digits. */
export const uuidText = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** A figure within bounds; undefined without one. */
export const within = (least: number, value: number | undefined, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined

/** Slices of a list, for as many calls at once as are worth it. */
export function* slices<T>(list: readonly T[], size: number): Iterable<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
