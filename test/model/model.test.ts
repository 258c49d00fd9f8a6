import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '@/test/world'
import { sequences } from './commands'
import { runSequence, type Tallies } from './compare'
import { connect, type Connection, LAYER } from './connection'
import { prepareRaw } from './observe-raw'
import { plant } from './plant'
import { share } from './shared'
import { INITIAL } from './state'

const NUMBER = Number(process.env.MODEL_SEQUENCES ?? 500)
const SEED = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31))

describe('sight, relation and reach against the reference model', () => {
  let world: World
  let connection: Connection
  let unshare: () => Promise<void>
  beforeAll(async () => {
    world = await createWorld()
    await plant(world.admin, INITIAL)
    connection = await connect(world)
    await prepareRaw(connection)
    unshare = share(connection, world)
  })
  afterAll(async () => {
    await unshare()
    await connection.close()
    await world.close()
  })

  it(
    `A11 ${NUMBER} random sequences of operations show no difference`,
    async () => {
      console.log(`Model: ${NUMBER} sequences, seed ${SEED}, layer ${LAYER}`)
      const tallies: Tallies = new Map()
      const begun = performance.now()
      await fc.assert(
        fc.asyncProperty(sequences, (ops) => runSequence({ connection, world, tallies }, ops)),
        { numRuns: NUMBER, seed: SEED },
      )
      const total = [...tallies.values()].reduce((n, { done, refused }) => n + done + refused, 0)
      console.log(`Model: ${total} operations in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
      const idle = [...tallies].filter(([, { done }]) => done === 0).map(([name]) => name)
      if (NUMBER >= 500) expect(idle).toEqual([])
    },
    NUMBER * 500,
  )
})
