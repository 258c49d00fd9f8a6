import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PAGES } from '@/app/pages'
import { routes } from '@/server/http/routes'
import { procedure, publicProcedure, router } from '@/server/rpc/procedure'
import type { Declaration } from '@/server/rpc/declaration'
import {
  type Declared,
  declaredOf,
  pageFindings,
  procedureFindings,
  procedures,
  routeFindings,
} from '@/server/sweep/declared'
import { VALID } from '@/server/sweep/inputs'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** The only endpoints that Next may answer by itself. */
const NEXT_ROUTES = ['api/auth/[...nextauth]/route.ts']

const appFiles = fs
  .readdirSync(path.join(ROOT, 'app'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file))
const read = (file: string) => fs.readFileSync(path.join(ROOT, 'app', file), 'utf8')

describe('everything that answers says what it needs', () => {
  it('finds procedures, routes and pages at all', () => {
    expect(procedures().length).toBeGreaterThan(40)
    expect(routes.length).toBeGreaterThan(5)
    expect(appFiles.length).toBeGreaterThan(10)
  })

  it('A12 every procedure declares itself, its ids and its bounds', () => {
    expect(procedures().flatMap(procedureFindings)).toEqual([])
  })

  it('A12 every procedure has a valid call in server/sweep/inputs.ts, and nothing else has', () => {
    const names = procedures().map(({ name }) => name)
    expect(names.filter((name) => !(name in VALID))).toEqual([])
    expect(Object.keys(VALID).filter((name) => !names.includes(name))).toEqual([])
  })

  it('A12 every route declares itself', () => {
    expect(routes.flatMap(routeFindings)).toEqual([])
    const keys = routes.map(({ method, path: at }) => `${method} ${at}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('A12 every page is in the manifest and made by definePage, and the manifest has no other', () => {
    const pages = appFiles.filter((file) => /(^|\/)page\.tsx$/.test(file))
    const files = pages.map((file) => ({ folder: path.posix.dirname(file), text: read(file) }))
    expect(pageFindings(PAGES, files)).toEqual([])
  })

  it('A12 nothing else answers: no route handler, no server action, no loading page that would hide a 404', () => {
    const handlers = appFiles.filter((file) => /(^|\/)route\.tsx?$/.test(file))
    expect(handlers.filter((file) => !NEXT_ROUTES.includes(file))).toEqual([])
    expect(appFiles.filter((file) => /['"]use server['"]/.test(read(file)))).toEqual([])
    expect(appFiles.filter((file) => /(^|\/)loading\.tsx$/.test(file))).toEqual([])
  })
})

describe('the checker fails on what is left out', () => {
  const d: Declaration = { scope: 'tenant', permission: ['hosts', 'read'], audit: 'none', summary: 'x' }
  const of = (made: unknown): Declared => {
    const [entry] = Object.entries((made as { _def: { procedures: Record<string, never> } })._def.procedures)
    return declaredOf(`x.${entry?.[0]}`, entry?.[1] as never)
  }
  const query = (declaration: Declaration, input: z.ZodType) =>
    of(
      router({
        q: procedure(declaration as Declaration & { scope: 'tenant' })
          .input(input)
          .query(() => 1),
      }),
    )
  const mutation = (declaration: Declaration, input: z.ZodType) =>
    of(
      router({
        m: procedure(declaration as Declaration & { scope: 'tenant' })
          .input(input)
          .mutation(() => 1),
      }),
    )

  it('A12 accepts one that is right (positive twin)', () => {
    const input = z.strictObject({
      id: z.uuid(),
      ids: z.array(z.uuid()).max(9),
      text: z.string().max(10),
      at: z.iso.datetime(),
    })
    expect(procedureFindings(query({ ...d, ids: { id: 'resource', ids: 'resource' } }, input))).toEqual([])
  })

  it.each<[string, () => Declared, RegExp]>([
    [
      'a procedure without a declaration',
      () => ({ ...query(d, z.strictObject({})), declaration: undefined }),
      /declares nothing/,
    ],
    [
      'a mutation without an audit event',
      () => mutation(d, z.strictObject({})),
      /a mutation names its audit event/,
    ],
    [
      'a scope without a permission',
      () => query({ ...d, permission: undefined }, z.strictObject({})),
      /needs a permission/,
    ],
    [
      'a public one with a permission',
      () => of(router({ q: publicProcedure({ ...d, scope: 'public' }).query(() => 1) })),
      /takes no permission/,
    ],
    [
      'an id that is not declared',
      () => query(d, z.strictObject({ id: z.uuid() })),
      /x\.q: id is an id and not declared/,
    ],
    [
      'ids in a list',
      () => query(d, z.strictObject({ ids: z.array(z.uuid()).max(3) })),
      /ids is an id and not declared/,
    ],
    [
      'an id inside an object',
      () => query(d, z.strictObject({ filter: z.strictObject({ hostId: z.uuid().optional() }) })),
      /filter\.hostId is an id and not declared/,
    ],
    [
      'a declared id that is not there',
      () => query({ ...d, ids: { id: 'resource' } }, z.strictObject({})),
      /declares id, which is no id/,
    ],
    [
      'an id that is any text',
      () => query(d, z.strictObject({ hostId: z.string().max(40) })),
      /hostId is called an id/,
    ],
    [
      'text without a maximum',
      () => query(d, z.strictObject({ q: z.string() })),
      /q is text without a maximum/,
    ],
    [
      'a list without a maximum',
      () => query(d, z.strictObject({ q: z.array(z.number()) })),
      /q is a list without a maximum/,
    ],
    ['keys that nobody named', () => query(d, z.object({ q: z.number() })), /takes keys that nobody named/],
  ])('A12 %s', (_what, made, finding) => {
    expect(procedureFindings(made()).join('\n')).toMatch(finding)
  })

  it('A12 a route without a declaration, or with a contradictory one', () => {
    const [route] = routes
    if (!route) throw new Error('no route')
    expect(routeFindings({ ...route, declaration: undefined as never })).toEqual([
      `${route.name}: declares nothing`,
    ])
    expect(routeFindings({ ...route, method: 'POST' }).join()).toMatch(/names its audit event/)
    expect(routeFindings({ ...route, path: '/api/x/:id' }).join()).toMatch(/:id is not declared/)
    expect(routeFindings({ ...route, bare: true, declaration: d }).join()).toMatch(/bare, and yet for people/)
  })

  it('A12 a page that is not in the manifest, an entry without a page, a page that nobody guards', () => {
    const page = { scope: 'self', summary: 'x' } as const
    expect(pageFindings({}, [{ folder: 'x', text: '' }])).toEqual(['app/x/page.tsx: not in app/pages.ts'])
    expect(pageFindings({ x: page }, [])).toEqual(['app/pages.ts: x has no page'])
    expect(
      pageFindings({ x: page }, [{ folder: 'x', text: 'export default function X() {}' }]).join(),
    ).toMatch(/does not say definePage/)
    expect(
      pageFindings({ 'x/[id]': page }, [{ folder: 'x/[id]', text: `definePage('x/[id]'` }]).join(),
    ).toMatch(/\[id\] is not declared/)
  })
})
