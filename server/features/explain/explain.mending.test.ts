import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'
import { DEFECTS, GOOD } from './explain.cases.fixture'
import type { ExplanationView } from './explain.schema'
import { MENDS, plant, type Situation, THING } from './situation.fixture'

const caller = createCallerFactory(appRouter)
type Verb = (typeof GOOD)[number]['verb']

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const as = async (name: 'Mara' | 'Ada' | 'Tom') => caller({ op: await world.opOf(name) })
const updatedAt = async () =>
  (
    await world.admin.query<{ updated_at: Date }>('select updated_at from resource where id = $1', [THING])
  ).rows[0]?.updated_at.toISOString() ?? ''

/** Whether Tom really may, by the procedures that do it. */
async function may(s: Situation, verb: Verb): Promise<boolean> {
  await plant(world, s)
  const at = await updatedAt()
  try {
    const tom = await as('Tom')
    const { kind } = s
    if (verb === 'see') await tom.resources.get({ kind, id: THING })
    if (verb === 'delete') await tom.resources.remove({ kind, id: THING })
    if (verb === 'edit') {
      const spec: Record<string, number> = kind === 'host' ? {} : { cores: 2, memory: 2 ** 20, disk: 2 ** 20 }
      await tom.resources.update({ kind, id: THING, name: 'explained', spec, updatedAt: at })
    }
    return true
  } catch (error) {
    expect(errorBody(error).status).toBeLessThan(502)
    expect(errorBody(error).status).not.toBe(500)
    return false
  }
}

async function why(s: Situation, verb: Verb): Promise<ExplanationView> {
  await plant(world, s)
  return (await as('Mara')).explain.asProvider({
    tenantId: tenantId('A'),
    userId: userId('Tom'),
    id: THING,
    verb,
  })
}

type Done = Pick<ExplanationView['remedies'][number], 'code' | 'level'>
const mended = (s: Situation, done: readonly Done[]): Situation =>
  done.reduce((all, { code, level }) => (MENDS[code] ?? ((one) => one))(all, level ?? 'full'), s)

/** Each defect of sight with each way of seeing; those of the person's roles and of the rest with a few of them. */
const FEW: Record<string, readonly string[]> = {
  role: ['own, see', 'own, edit', 'own instance type, edit', 'public in a cloud, see'],
  cap: ['own, edit', 'shared, see'],
  licence: ['own, see'],
  tenant: ['shared, see'],
  person: ['own, edit'],
}
const CASES = GOOD.flatMap((good) =>
  DEFECTS.flatMap((defect) => {
    const bad = defect.spoil(good.s, good.verb)
    const few = FEW[defect.link]
    if (!bad || (few && !few.includes(good.name))) return []
    return [{ ...good, ...defect, name: `${good.name}: ${defect.name}`, bad }]
  }),
)
const CODES = Object.keys(MENDS)
const TRIED = 6
/** Some remedies that were not named, others in each case. */
const notNamed = (n: number, answer: ExplanationView): Done[] => {
  const named = [...answer.remedies, ...answer.otherWays].map(({ code }) => code)
  const some = Array.from({ length: TRIED }, (_, i) => CODES[(n * 5 + i * 7) % CODES.length] ?? '')
  return [...new Set(some)].filter((code) => !named.includes(code)).map((code) => ({ code, level: null }))
}

describe('explain: what is named, and only that, gives access', () => {
  it('has cases enough, each good without its defect', async () => {
    expect(CASES.length).toBeGreaterThan(60)
    for (const { s, verb, name } of GOOD) {
      expect([name, await may(s, verb)]).toEqual([name, true])
      expect([name, (await why(s, verb)).allowed]).toEqual([name, true])
    }
  }, 60_000)

  it.each(CASES.map((one, n) => [one.name, { ...one, n }] as const))(
    '%s',
    async (_name, { bad, verb, link, codes, n }) => {
      expect(await may(bad, verb)).toBe(false)
      const answer = await why(bad, verb)
      expect(answer.allowed).toBe(false)
      const named = answer.remedies.map(({ code }) => code)
      expect([...new Set(answer.remedies.map((one) => one.link))]).toEqual([link])
      expect(answer.chain.filter(({ state }) => state === 'missing').map((one) => one.link)).toEqual([link])
      expect(named).toHaveLength(1)
      expect(codes).toContain(named[0])
      expect(await may(mended(bad, answer.remedies), verb)).toBe(true)
      for (const other of answer.otherWays)
        expect([other.code, await may(mended(bad, [other]), verb)]).toEqual([other.code, true])
      for (const other of notNamed(n, answer))
        expect([other.code, await may(mended(bad, [other]), verb)]).toEqual([other.code, false])
    },
    30_000,
  )

  it('names a set of links that gives access together, whatever is wrong at once', async () => {
    const counted = { allowed: 0, mended: 0, never: 0 }
    for (let seed = 1; seed <= 60; seed++) {
      const { s, verb } = random(seed)
      const answer = await why(s, verb)
      expect([seed, answer.allowed]).toEqual([seed, await may(s, verb)])
      if (answer.allowed) counted.allowed++
      else if (answer.remedies.length === 0) counted.never++
      else {
        counted.mended++
        const after = mended(s, answer.remedies)
        expect([seed, answer.remedies, await may(after, verb)]).toEqual([seed, answer.remedies, true])
      }
    }
    expect(counted.mended).toBeGreaterThan(30)
  }, 60_000)
})

/** A good situation with two to four defects. */
function random(seed: number): { s: Situation; verb: Verb } {
  let state = seed * 2_654_435_761
  const pick = <T>(list: readonly T[]): T => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return list[Math.floor((state / 2_147_483_648) * list.length)] as T
  }
  const { s, verb } = pick(GOOD)
  const spoilt = Array.from({ length: pick([1, 2, 3, 4]) }).reduce<Situation>(
    (all) => pick(DEFECTS).spoil(all, verb) ?? all,
    s,
  )
  return { s: { ...spoilt, mine: pick([true, false]), tagged: pick([true, false]) }, verb }
}
