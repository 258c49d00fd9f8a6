import type { Mutant } from './mutant'
import type { Result } from './stage'

/** A test that passes as things are. */
export type KnownTest = Pick<Result, 'key' | 'took' | 'touched'>

/** A test is slow that is tried when the quick ones have seen nothing. Milliseconds. */
const SLOW = 1000
/** Who is most likely to see what, before anything is known. */
const LIKELY: [RegExp, RegExp][] = [
  [/^code: (?:permission|scope|licence)/, /matrix/],
  [/^database: privilege/, /contract/],
  [/^database/, /server\/db\/wall-(?:forge|privileges)|test\/model/],
]

/** What saw mutants so far, and so in which order the tests are tried. */
export class Plan {
  private readonly score = new Map<string, number>()

  /** @param hints which test saw a mutant in an earlier run, by the mutant's id */
  constructor(private readonly hints: Readonly<Record<string, string>>) {}

  /**
   * Groups of tests, each of which runs up to its first failure: what saw this mutant, or ones like it; what is quick; what
   * is slow. No group is begun when one before it has failed.
   */
  groups(mutant: Mutant, tests: readonly KnownTest[]): string[][] {
    const worth = ({ key }: KnownTest) => {
      const [wide = 0, narrow = 0] = placesOf(mutant).map((place) => this.score.get(`${place} ${key}`) ?? 0)
      const likely = LIKELY.some(([kind, file]) => kind.test(mutant.kind) && file.test(key)) ? 0.5 : 0
      return (this.hints[mutant.id] === key ? 1000 : 0) + narrow * 10 + wide + likely
    }
    const sorted = tests
      .map((test) => ({ key: test.key, took: test.took, worth: worth(test) }))
      .sort((a, b) => b.worth - a.worth || a.took - b.took)
    const first = sorted.filter((test) => test.worth >= 1).slice(0, 3)
    const rest = sorted.filter((test) => !first.includes(test))
    const quick = rest.filter(({ took }) => took <= SLOW)
    const slow = rest.filter(({ took }) => took > SLOW)
    const groups = [
      ...first.map(({ key }) => [key]),
      quick.map(({ key }) => key),
      ...slow.map(({ key }) => [key]),
    ]
    return groups.filter((keys) => keys.length > 0)
  }

  /** Notes which test saw a mutant. */
  saw(mutant: Mutant, key: string): void {
    for (const place of placesOf(mutant))
      this.score.set(`${place} ${key}`, (this.score.get(`${place} ${key}`) ?? 0) + 1)
  }
}

/** Kinds of mutants, wide and narrow, that one test often sees alike. */
const placesOf = ({ kind, at }: Mutant): string[] => [kind, `${kind} ${at.split(':')[0]}`]
