import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertAllowed } from '@/server/authz/assert'
import { buildContext } from '@/server/context/build'
import type { OpContext } from '@/server/context/op'
import type { HttpRoute } from '@/server/http/route'
import { AppError } from '@/server/platform/errors'
import { type KindDeclaration, resolvePermission } from '@/server/rpc/declaration'
import { ask, call } from '@/server/sweep/call'
import { surface } from '@/server/sweep/declared'
import { ownId, prepare, validInput } from '@/server/sweep/inputs'
import { ACTORS, type ActorName, tenantOf } from '@/test/actors'
import { createWorld, type World } from '@/test/world'

const GOLDEN = path.join(import.meta.dirname, 'matrix.golden.txt')
const NOT_ONE: Record<number, string> = { 200: 'ok', 302: 'go', 303: 'go' }
const cellOf = (status: number) => NOT_ONE[status] ?? String(status)

describe('the golden matrix', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  /** The answer to a valid call by each actor; what it changed is undone. */
  async function row(
    name: string,
    one: (actor: ActorName) => Promise<number>,
    changes: boolean,
  ): Promise<string> {
    const cells: string[] = []
    for (const actor of ACTORS) {
      const prepared = await prepare(world, name, actor)
      const status = await one(actor)
      cells.push(cellOf(status))
      if (prepared || (changes && status < 400)) await world.restore()
      else if (status === 429) await world.admin.query('delete from rate_limit')
    }
    await world.admin.query('delete from rate_limit')
    return `${name.padEnd(46)}${cells.map((cell) => cell.padEnd(8)).join('')}`.trimEnd()
  }

  const routeStatus = async (route: HttpRoute, actor: ActorName) => {
    const at = route.path.replace(/:(\w+)/g, (_all, param: string) =>
      ownId(route.declaration.ids?.[param] ?? 'resource', tenantOf(actor)),
    )
    const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    return (await ask(world, actor, at, route.method === 'POST' ? post : {})).status
  }

  const ops = new Map<ActorName, OpContext>()
  const pageStatus = async (declaration: Omit<KindDeclaration, 'audit'>, actor: ActorName) => {
    const op = ops.get(actor) ?? (await buildContext(world.factsOf(actor)))
    ops.set(actor, op)
    try {
      assertAllowed(op, resolvePermission({ ...declaration, audit: 'none' }, 'network'))
      return 200
    } catch (error) {
      if (error instanceof AppError) return error.status
      throw error
    }
  }

  it('A08 of actors and everything that answers is as committed', async () => {
    const { procedures, routes, pages } = surface()
    const lines = [
      `${'valid call by'.padEnd(46)}${ACTORS.map((name) => name.padEnd(8)).join('')}`.trimEnd(),
      '',
    ]
    for (const p of procedures) {
      const status = async (actor: ActorName) =>
        (await call(world, actor, p, await validInput(world, p.name, actor))).status
      lines.push(await row(p.name, status, p.type === 'mutation'))
    }
    lines.push('')
    for (const route of routes)
      lines.push(
        await row(
          `${route.method} ${route.path}`,
          (actor) => routeStatus(route, actor),
          route.declaration.audit !== 'none',
        ),
      )
    lines.push('')
    for (const [name, declaration] of pages)
      lines.push(await row(`page ${name}`, (actor) => pageStatus(declaration, actor), false))
    const matrix = `${lines.join('\n')}\n`
    if (process.env.UPDATE_GOLDEN === '1') fs.writeFileSync(GOLDEN, matrix)
    expect(matrix).toBe(fs.readFileSync(GOLDEN, 'utf8'))
  }, 90_000)
})
