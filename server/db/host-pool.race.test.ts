import fs from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { countedIn, leave, plantRace, race } from '@/server/db/host-pool.fixture'
import { createWorld, type World } from '@/test/world'

/** Rounds of 100 attempts; `npm run bench -- hosts` takes 100, and the times from HOST_OUT. */
const ROUNDS = Number(process.env.HOST_ROUNDS ?? '10')

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

it(
  'H09 of 100 attempts at once, by agents, tenants, connectors and restores, exactly as many succeed as the licence has room',
  { timeout: 60_000 + ROUNDS * 10_000 },
  async () => {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await world.restore()
      await plantRace(world)
      const [licence, slice] = [1 + (round % 10), 1 + ((round * 3) % 7)]
      await leave(world, { licence, slice })
      const began = performance.now()
      const { endings, found } = await race(world)
      times.push(performance.now() - began)
      const more = endings.filter((one) => one === 'more').length + found
      const now = await countedIn(world)
      expect({ round, more, ...now }).toEqual({
        round,
        more: licence,
        over: 0,
        bolt: 0,
        wrong: 0,
        deadlocks: 0,
      })
    }
    if (process.env.HOST_OUT)
      fs.writeFileSync(process.env.HOST_OUT, JSON.stringify({ rounds: ROUNDS, times }))
  },
)
