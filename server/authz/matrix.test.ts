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
    return `${`${name} `.padEnd(46)}${cells.map((cell) => cell.padEnd(8)).join('')}`.trimEnd()
  }

  const routeStatus = async (route: HttpRoute, actor: ActorName) => {
    const at = route.path.replace(/:(\w+)/g, (_all, param: string) =>
      ownId(route.declaration.ids?.[param] ?? 'resource', tenantOf(actor)),
    )
    const sent = { method: route.method, body: '{}', headers: { 'content-type': 'application/json' } }
    return (await ask(world, actor, at, route.method === 'GET' ? {} : sent)).status
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

  const { procedures, routes, pages } = surface()
  const nameOf = (route: HttpRoute) => `${route.method} ${route.path}`
  const ROUTERS = [...new Set(procedures.map(({ name }) => name.split('.')[0] ?? ''))]
  const header = `${'valid call by'.padEnd(46)}${ACTORS.map((name) => name.padEnd(8)).join('')}`.trimEnd()
  const update = process.env.UPDATE_GOLDEN === '1'
  const golden = () => fs.readFileSync(GOLDEN, 'utf8').split('\n')
  const CELLS = new RegExp(` +(?:\\S+ +){${ACTORS.length - 1}}\\S+$`)
  const nameIn = (line: string) => line.replace(CELLS, '')
  /** What was found, by the name of what answers: becomes the file when it is renewed. */
  const found = new Map<string, string>()
  const compare = (lines: string[]) => {
    for (const line of lines) found.set(nameIn(line), line)
    if (update) return
    const names = new Set(lines.map(nameIn))
    expect(lines).toEqual(golden().filter((line) => names.has(nameIn(line))))
  }
  afterAll(() => {
    if (!update) return
    const part = (names: string[]) => names.map((name) => found.get(nameIn(name)) ?? name)
    const parts = [
      [header],
      part(procedures.map(({ name }) => name)),
      part(routes.map(nameOf)),
      part(pages.map(([name]) => `page ${name}`)),
    ]
    fs.writeFileSync(GOLDEN, `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`)
  })

  it.each(ROUTERS)(
    'A08 of actors and everything that answers is as committed: %s',
    async (router) => {
      const lines: string[] = []
      for (const p of procedures.filter(({ name }) => name.startsWith(`${router}.`))) {
        const status = async (actor: ActorName) =>
          (await call(world, actor, p, await validInput(world, p.name, actor))).status
        lines.push(await row(p.name, status, p.type === 'mutation'))
      }
      compare(lines)
    },
    60_000,
  )

  it('A08 of actors and everything that answers is as committed: routes', async () => {
    const lines: string[] = []
    for (const route of routes) {
      const status = (actor: ActorName) => routeStatus(route, actor)
      lines.push(await row(nameOf(route), status, route.declaration.audit !== 'none'))
    }
    compare(lines)
  }, 60_000)

  it('A08 of actors and everything that answers is as committed: pages', async () => {
    const lines: string[] = []
    for (const [name, declaration] of pages)
      lines.push(await row(`page ${name}`, (actor) => pageStatus(declaration, actor), false))
    compare(lines)
  })

  it('A08 names everything that answers, in order, and nothing else', () => {
    if (update) return
    const names = [
      [nameIn(header)],
      procedures.map(({ name }) => name),
      routes.map(nameOf),
      pages.map(([name]) => `page ${name}`),
    ]
    const [first] = golden()
    expect(first).toBe(header)
    expect(golden().map(nameIn)).toEqual(names.flatMap((part) => [...part.map(nameIn), '']))
  })
})
