import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '@/test/world'
import { exactOf, type Filter, matches, parseFilter } from './filter'
import { ScimError } from './scim-error'
import { isId } from './texts'

const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'B', '"', '\\', ' ', '(', ']', '7', '%', '_', '.'),
  maxLength: 4,
})
/** Of people: nobody has another kind of id. */
const id = fc.constantFrom('7b1e6d50-0b7c-4a6e-9a57-2f1d3c5b8e01', '7b1e6d50-0b7c-4a6e-9a57-2f1d3c5b8e02')
const TEXTS = ['userName', 'externalId', 'name.givenName', 'displayName', 'id'] as const
const OPS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
const exact = (name: string) => name === 'externalId' || name === 'id'

/** A filter as it is written, and as it is to be read. */
interface Said {
  text: string
  filter: Filter
}
const comparison: fc.Arbitrary<Said> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...TEXTS), fc.constantFrom(...OPS), fc.oneof(text, id))
    .map(([name, op, value]): Said => ({
      text: `${name} ${op} ${JSON.stringify(value)}`,
      // what a username is compared with is normalised like one
      filter: {
        op,
        path: name.split('.'),
        value:
          name === 'userName' && op === 'eq' && /^[a-z0-9][a-z0-9._]*$/i.test(value)
            ? value.toLowerCase()
            : value,
        exact: exact(name),
      },
    })),
  fc
    .tuple(fc.constantFrom(...TEXTS))
    .map(([name]): Said => ({ text: `${name} pr`, filter: { op: 'pr', path: name.split('.') } })),
  fc.boolean().map((value): Said => ({
    text: `active eq ${value}`,
    filter: { op: 'eq', path: ['active'], value, exact: true },
  })),
  fc.tuple(fc.constantFrom(...OPS), text).map(([op, value]): Said => ({
    text: `emails[value ${op} ${JSON.stringify(value)}]`,
    filter: { op: 'any', path: ['emails'], of: { op, path: ['value'], value, exact: false } },
  })),
)
const joined = (op: 'and' | 'or', of: Said[]): Said => ({
  text: of.map((one) => `(${one.text})`).join(` ${op} `),
  filter: { op, of: of.map(({ filter }) => filter) },
})
const negated = (one: Said): Said => ({ text: `not (${one.text})`, filter: { op: 'not', of: one.filter } })
const { said } = fc.letrec<{ said: Said }>((tie) => ({
  said: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    comparison,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('said'), { minLength: 2, maxLength: 3 }))
      .map(([op, of]) => joined(op, of)),
    tie('said').map(negated),
  ),
}))
const person = fc.record({
  id,
  userName: text,
  externalId: fc.option(text),
  displayName: text,
  active: fc.boolean(),
  name: fc.record({ givenName: text }),
  emails: fc.array(fc.record({ value: text, type: fc.constant('work') }), { maxLength: 2 }),
})

/** No text that is compared with has such a word in it. What looks into a list is one comparison, and one more in it. */
const comparisonsIn = (written: string) =>
  written.match(/ (?:eq|ne|co|sw|ew|gt|ge|lt|le|pr)\b|\[/g)?.length ?? 0

describe('filters', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  it('are read as they were written', () => {
    fc.assert(
      fc.property(said, ({ text: written, filter }) => {
        fc.pre(written.length <= 4000 && comparisonsIn(written) <= 20)
        expect(parseFilter('user', written)).toEqual(filter)
      }),
    )
  })

  it('bind "and" tighter than "or"', () => {
    const read = parseFilter('user', 'active eq true or userName eq "a" and id pr')
    expect(read).toMatchObject({
      op: 'or',
      of: [{ op: 'eq' }, { op: 'and', of: [{ op: 'eq' }, { op: 'pr' }] }],
    })
  })

  it('of any text are read or refused, and nothing else happens', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'userName',
        'eq',
        'and',
        'or',
        'not',
        '(',
        ')',
        '[',
        ']',
        'pr',
        '"a"',
        'emails',
        'true',
        'null',
        ' ',
      ),
      fc.string({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          parseFilter('user', words.join(' '))
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError)
          expect((error as ScimError).scimType).toBe('invalidFilter')
        }
      }),
      { numRuns: 500 },
    )
    expect(() => parseFilter('user', `${'('.repeat(40)}id pr${')'.repeat(40)}`)).toThrow(/nested/)
    expect(() => parseFilter('user', `userName eq "${'x'.repeat(5000)}"`)).toThrow(/characters/)
    const many = (n: number) => Array(n).fill('id pr').join(' or ')
    expect(parseFilter('user', many(20))).toMatchObject({ op: 'or' })
    expect(() => parseFilter('user', many(21))).toThrow(/20 comparisons/)
  })

  it('K01 fit in the database what they fit here, and whatever they hold is data', async () => {
    await fc.assert(
      fc.asyncProperty(said, person, async ({ filter }, doc) => {
        const { rows } = await world.admin.query<{ fits: boolean }>(
          'select wall.scim_matches($1, $2) as fits',
          [JSON.stringify(filter), JSON.stringify(doc)],
        )
        expect(rows[0]?.fits).toBe(matches(filter, doc))
      }),
      { numRuns: 300 },
    )
  })

  it('ask for nobody by an id that is none, rather than look at everybody', () => {
    for (const written of ['id eq "lea"', 'id eq "" and active eq true'])
      expect(isId(exactOf(parseFilter('user', written)).id ?? ''), written).toBe(true)
  })

  it('tell an index only what every match fulfils', () => {
    fc.assert(
      fc.property(said, person, ({ filter }, doc) => {
        fc.pre(matches(filter, doc))
        for (const [name, value] of Object.entries(exactOf(filter))) {
          const has = String(doc[name as 'id'])
          expect(exact(name) ? has : has.toLowerCase()).toBe(exact(name) ? value : value.toLowerCase())
        }
      }),
    )
  })
})
