/** Which layer is switched off while a mutant is tried: each must be enough alone (attack A11). */
export type Layer = 'no-policies' | 'no-filters'

/** One check, policy or lock that is taken out. */
export interface Mutant {
  /** Says what it is in words that survive moves within a file; has no spaces. */
  id: string
  /** What kind of thing was taken out, for the summary. */
  kind: string
  layer: Layer
  /** Where to look: `file:line`, or the object of the database. */
  at: string
  /** Statements that take it out of a database; absent: it is in the code. */
  sql?: string[]
}

/**
 * The suites that must notice: the sweep, the golden matrix, the wall and the model; never a feature's own tests. Parts of
 * file names.
 */
export const SUITES = ['server/sweep/', 'server/authz/', 'server/db/wall', 'test/model/']
/** Of these, what asks nothing about rights: faults of the machine, and the list of ids. */
export const NOT_ASKED = ['server/sweep/attacks/faults.test.ts', 'server/sweep/attacks/ids.test.ts']

/** Tests that ask how long things take, what the code's text says, how answers look or what is no id: they see no right that is gone. */
export const NOT_OF_RIGHTS = / (?:A06|A16|A22|K13|K14|K18|K19|K21) /

/** Text as part of an id: no spaces, not endless. */
export const word = (text: string): string => text.replace(/\s+/g, '').slice(0, 70)

/** Makes ids unique: of the same words in one place the second is `…~2`. */
export function numbered<T extends { id: string }>(found: T[]): T[] {
  const seen = new Map<string, number>()
  return found.map((one) => {
    const n = (seen.get(one.id) ?? 0) + 1
    seen.set(one.id, n)
    return n === 1 ? one : { ...one, id: `${one.id}~${n}` }
  })
}
