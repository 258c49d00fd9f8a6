import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { levelOf } from '@/lib/matrix'
import { inDrill } from '@/server/db/scope'
import { matrixOf } from '@/server/features/matrix/matrix.fixture'
import type { TenantKey } from '@/test/actors'
import { CUSTOMER_ROLE, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
const { as } = matrixOf(() => world)

/** What a tenant's own lists and the wall itself let it see of the master's, whatever the matrix thinks. */
async function seenBy(key: TenantKey, ids: string[]) {
  const op = await world.opOf('Mara')
  return inDrill(
    op,
    tenantId(key),
    (tx) => tx.$queryRaw<{ id: string }[]>`select id from resource where id = any (${ids}::uuid[])`,
  ).then((rows) => new Set(rows.map(({ id }) => id)))
}

const layer = process.env.FREEHOLD_TEST_LAYER
const SUBTENANTS = ['A', 'B', 'N'] as const
const PERSON_OF = { A: 'Ada', B: 'Bo' } as const
const THINGS = ['master private', 'master private 2', 'public', 'public in cloud', 'granted A', 'M profile']

describe('cells against what tenants see', () => {
  const state = fc.record({
    assigned: fc.array(fc.constantFrom(null, ...SUBTENANTS), { minLength: 6, maxLength: 6 }),
    public: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    inCloud: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    grants: fc.array(
      fc.record({
        thing: fc.nat(5),
        to: fc.constantFrom(...SUBTENANTS),
        role: fc.constantFrom('viewer', 'editor', 'admin'),
        status: fc.constantFrom('live', 'pending'),
        expired: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    all: fc.array(
      fc.record({
        to: fc.constantFrom(...SUBTENANTS),
        kind: fc.constantFrom('host', 'profile'),
        role: fc.constantFrom('viewer', 'editor', 'admin'),
        expired: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    cloudPublic: fc.boolean(),
    added: fc.array(fc.constantFrom(...SUBTENANTS), { maxLength: 3 }),
    level: fc.constantFrom('none', 'read', 'full'),
  })

  async function plant(s: typeof state extends fc.Arbitrary<infer T> ? T : never) {
    const db = world.admin
    await db.query('begin; set local session_replication_role = replica')
    await db.query('delete from access_grant; delete from access_grant_all; delete from tenant_cloud')
    const cloud = resourceId('public cloud')
    await db.query('update resource set visibility = $1 where id = $2', [
      s.cloudPublic ? 'public' : 'private',
      cloud,
    ])
    await db.query('update tenant_role_cloud set level = $1 where tenant_role_id = $2', [
      s.level,
      CUSTOMER_ROLE,
    ])
    for (const key of new Set(s.added))
      await db.query('insert into tenant_cloud (tenant_id, cloud_id) values ($1, $2)', [tenantId(key), cloud])
    for (const [i, label] of THINGS.entries()) {
      const to = s.assigned[i]
      const visibility = !to && s.public[i] ? 'public' : 'private'
      await db.query('update resource set assigned_id = $1, visibility = $2, cloud_id = $3 where id = $4', [
        tenantId(to ?? 'M'),
        visibility,
        s.inCloud[i] ? cloud : null,
        resourceId(label),
      ])
    }
    for (const g of s.grants)
      await db.query(
        `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, status, expires_at)
         select r.id, r.kind, r.name, r.owner_id, $2, $3, $4, $5 from resource r where r.id = $1 and r.assigned_id = r.owner_id
         on conflict do nothing`,
        [resourceId(THINGS[g.thing] ?? ''), tenantId(g.to), g.role, g.status, g.expired ? new Date(0) : null],
      )
    for (const a of s.all)
      await db.query(
        `insert into access_grant_all (owner_id, tenant_id, kind, role, expires_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [MASTER_TENANT_ID, tenantId(a.to), a.kind, a.role, a.expired ? new Date(0) : null],
      )
    await db.query('commit')
  }

  it('agree with every tenant’s sight, lists and rights, in random states', async () => {
    const ids = THINGS.map(resourceId)
    await fc.assert(
      fc.asyncProperty(state, async (s) => {
        await world.restore()
        await plant(s)
        const { rows } = await (
          await as('Mara')
        ).matrix.cells({ resourceIds: ids, tenantIds: SUBTENANTS.map(tenantId) })
        for (const [column, key] of SUBTENANTS.entries()) {
          const levels = rows.map(({ cells }) => levelOf(cells[column] ?? []))
          const visible = ids.filter((_, i) => levels[i] !== 'none')
          const seen = await seenBy(key, ids)
          // The wall's own answer: with the policies off there is none, and the lists below are compared alone.
          if (layer !== 'no-policies') expect(visible.sort()).toEqual([...seen].sort())
          if (key === 'N') continue
          const api = await as(PERSON_OF[key])
          const lists = await Promise.all(
            ['host', 'profile'].map((kind) => api.resources.list({ kind, limit: 100 })),
          )
          const listed = lists.flatMap((list) => list.rows)
          expect(
            listed
              .map(({ id }) => id)
              .filter((id) => ids.includes(id))
              .sort(),
          ).toEqual(visible.sort())
          for (const [i, id] of ids.entries()) {
            const one = listed.find((row) => row.id === id)
            if (!one) continue
            const edits = one.relation === 'granted' && one.grantRole !== 'viewer'
            expect(levels[i]).toBe(one.relation === 'assigned' ? 'uses' : edits ? 'edits' : 'sees')
          }
        }
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})
