import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResourceKind } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { call, withValue } from '@/server/sweep/call'
import { type Declared, idFields, procedures } from '@/server/sweep/declared'
import { unusedId, validInput } from '@/server/sweep/inputs'
import { type PersonName, tenantOf, type TenantKey } from '@/test/actors'
import { type Audience, canary, foreignCanaries, idOf } from '@/test/canary'
import { tenantId } from '@/test/factories'
import { LEAST_SPEC } from '@/test/specs'
import { createWorld, type World } from '@/test/world'

// The rest of group A attacks what asks for the level of a kind with one kind only; here each of them is attacked with every kind.

const OF_KIND = procedures().filter(({ declaration: d }) => d?.permission && 'ofKind' in d.permission)
const LOGS = ['audit_event', 'audit_seal', 'rate_limit']
const KEYS = ['M', 'A', 'B'] as const

const planted = (kind: string, key: TenantKey) => idOf(`every kind ${kind} ${key}`)
const firstRef = (kind: ResourceKind) =>
  Object.entries(kind.fields).find(([, { type }]) => type === 'ref')?.[0]
/** Whether a thing of the kind has a place or field that the id at `path` could be. */
const asks = (kind: ResourceKind, path: string): boolean =>
  path === 'refs.ids' ? firstRef(kind) !== undefined : path !== 'cloudId' || kind.inCloud
/** All networks of the master's are granted to Acme and Bolt (test/factories.ts). */
const audienceOf = (kind: string, key: TenantKey): Audience => (kind === 'network' && key === 'M' ? 'P' : key)

describe('A01 A02 A05 every kind', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    for (const { kind } of KINDS)
      for (const key of KEYS) {
        const id = planted(kind, key)
        const place = kind === 'cloud' ? id : null
        await world.admin.query(
          `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id, spec) values ($1, $2, $3, $4, $4, $5, $6)`,
          [
            id,
            kind,
            canary(audienceOf(kind, key), `name ${kind}`),
            tenantId(key),
            place,
            { ...LEAST_SPEC[kind], description: canary(audienceOf(kind, key), `spec ${kind}`) },
          ],
        )
      }
  })
  afterAll(() => world.close())

  /** A call of the procedure for this kind that is right in everything but the id at `path`. */
  const inputFor = async (p: Declared, kind: ResourceKind, actor: PersonName, updatedAt: string) => {
    const key = tenantOf(actor)
    const ref = firstRef(kind)
    const all: Record<string, unknown> = {
      kind: kind.kind,
      id: planted(kind.kind, key),
      ids: [planted(kind.kind, key)],
      name: 'swept',
      search: '',
      field: ref ?? 'cloud',
      spec: LEAST_SPEC[kind.kind] ?? {},
      refs: [],
      updatedAt,
      access: {},
      tenantId: tenantId('N'),
      visibility: 'private',
    }
    const known = Object.keys(p.input?.properties ?? {})
    const valid = (await validInput(world, p.name, actor)) as object
    return {
      ...valid,
      ...Object.fromEntries(Object.entries(all).filter(([name]) => known.includes(name))),
    }
  }
  const updatedAtOf = async (id: string) =>
    (
      await world.admin.query<{ updated_at: Date }>('select updated_at from resource where id = $1', [id])
    ).rows[0]?.updated_at.toISOString() ?? ''

  it('knows the procedures of the kind at all', () => {
    expect(OF_KIND.length).toBeGreaterThan(10)
  })

  it.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    '%s: a foreign id is one that never was, in every procedure; nothing changes',
    async (name, kind) => {
      const before = await world.state(LOGS)
      let tried = 0
      for (const actor of ['Eve', 'Mara'] as PersonName[]) {
        const key = tenantOf(actor)
        const mine = await updatedAtOf(planted(name, key))
        for (const p of OF_KIND) {
          if (actor === 'Eve' && p.declaration?.scope === 'master') continue
          const input = await inputFor(p, kind, actor, mine)
          for (const { path, kind: idKind, array } of idFields(p)) {
            if (idKind !== 'resource' || !asks(kind, path)) continue
            const put = (id: string) =>
              path === 'refs.ids'
                ? { ...input, refs: [{ field: firstRef(kind), ids: [id] }] }
                : withValue(input, path, array ? [id] : id)
            const foreign = planted(name, key === 'A' ? 'B' : 'A')
            const [real, never] = [
              await call(world, actor, p, put(foreign)),
              await call(world, actor, p, put(unusedId(path))),
            ]
            const what = `${p.name} ${path} of ${name} as ${actor}`
            expect({ status: real.status, text: real.text }, what).toEqual({
              status: never.status,
              text: never.text,
            })
            expect(real.text, what).not.toContain(foreign)
            expect(foreignCanaries(real.text, key), what).toEqual([])
            if (p.type === 'mutation') expect([403, 404], what).toContain(real.status)
            tried++
          }
        }
      }
      expect(tried).toBeGreaterThan(10)
      expect(await world.state(LOGS)).toEqual(before)
    },
    30_000,
  )

  it.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    '%s: lists, search and details hold one’s own only, and hold that; an id of another kind is none',
    async (name) => {
      const of = (wanted: string) => OF_KIND.find((p) => p.name === `resources.${wanted}`) as Declared
      const other = KINDS.find((one) => one.kind !== name)?.kind ?? ''
      for (const actor of ['Tom', 'Bo', 'Mara'] as PersonName[]) {
        const key = tenantOf(actor)
        const own = planted(name, key)
        const list = await call(world, actor, of('list'), { kind: name, limit: 100 })
        expect(list.text).toContain(own)
        const get = await call(world, actor, of('get'), { kind: name, id: own })
        expect([get.status, get.text.includes(canary(audienceOf(name, key), `spec ${name}`))]).toEqual([
          200,
          true,
        ])
        for (const answer of [list, get]) expect(foreignCanaries(answer.text, key)).toEqual([])
        const wrong = await call(world, actor, of('get'), { kind: other, id: own })
        const never = await call(world, actor, of('get'), { kind: other, id: unusedId() })
        expect([wrong.status, wrong.text]).toEqual([404, never.text])
      }
    },
    30_000,
  )
})
