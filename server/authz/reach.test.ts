import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Access,
  type AccessRule,
  type Claim,
  PLAIN_ACCESS,
  type RoleAccess,
  type Scope,
  VERBS,
} from '@/lib/access'
import { LEVELS, type Level, type Levels, OF_KINDS } from '@/lib/permissions'
import { KINDS } from '@/lib/resource-kinds/registry'
import { MASTER_TENANT_ID } from '@/lib/master'
import { type Held, type Reach, type ReachRow, verbsOn } from '@/server/authz/reach'
import { reachSql } from '@/server/authz/reach-sql'
import { reachStarts } from '@/server/authz/reach-start'
import { joinSql, sql } from '@/server/db/sql'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const TENANT = tenantId('A')
const PEOPLE = [userId('Eve'), userId('Tom')]
const CLOUDS = [idOf('reach cloud 0'), idOf('reach cloud 1')]
const GROUPS = [idOf('group A 1'), idOf('group A 2'), idOf('group B 1')]
const TAGS = ['red', 'blue']

/** Three of each kind, in all sorts of places. */
const ROWS: ReachRow[] = KINDS.flatMap(({ kind }, k) =>
  [0, 1, 2].map((n) => {
    const i = k * 3 + n
    const id = kind === 'cloud' && n < 2 ? (CLOUDS[n] as string) : idOf(`reach ${kind} ${n}`)
    return {
      id,
      kind,
      cloudId: kind === 'cloud' ? id : ([null, ...CLOUDS][i % 3] ?? null),
      createdBy: [null, ...PEOPLE][(i + k) % 3] ?? null,
      groups: GROUPS.slice(0, 2).filter((_, g) => (i >> g) % 2 === 1),
      tags: TAGS.filter((_, t) => (i >> (t + 1)) % 2 === 1),
    }
  }),
)
const IDS = ROWS.map(({ id }) => id)

const access = fc.constantFrom<Access>('none', 'read', 'full')
const someId = fc.constantFrom(...IDS)
const rule = (ids: string[]): fc.Arbitrary<AccessRule> =>
  fc.record({ default: access, entries: fc.dictionary(fc.constantFrom(...ids), access, { maxKeys: 2 }) })
const kindName = fc.constantFrom('*', ...KINDS.map(({ kind }) => kind))
const claim: fc.Arbitrary<Claim> = fc.record({
  kinds: fc.array(kindName, { minLength: 1, maxLength: 3 }),
  actions: fc.array(fc.constantFrom('*', 'list', 'get', 'create', 'update', 'delete', 'action'), {
    minLength: 1,
    maxLength: 3,
  }),
  resources: fc.oneof(fc.constant<string[]>(['*']), fc.array(someId, { minLength: 1, maxLength: 4 })),
})
const roleAccess: fc.Arbitrary<RoleAccess> = fc.oneof(
  fc.constant(PLAIN_ACCESS),
  fc.record({
    groups: rule(GROUPS),
    clouds: rule(CLOUDS),
    instanceTypes: rule(IDS),
    resources: fc.array(fc.record({ id: someId, kind: kindName, access }), { maxLength: 6 }),
    claims: fc.array(claim, { maxLength: 2 }),
  }),
)
/** Every permission at some level: where most are not named, most people may do nothing, and nothing is compared. */
const levels: fc.Arbitrary<Levels> = fc.record(
  Object.fromEntries(OF_KINDS.map((name) => [name, fc.constantFrom<Level>(...LEVELS)])),
)
const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant(null),
  fc.constantFrom<Scope>(
    ...CLOUDS.map((value) => ({ kind: 'cloud' as const, value })),
    ...GROUPS.map((value) => ({ kind: 'group' as const, value })),
    ...TAGS.map((value) => ({ kind: 'tag' as const, value })),
  ),
  someId.map((value): Scope => ({ kind: 'resource', value })),
)
const held: fc.Arbitrary<Held> = fc.record({ levels, access: roleAccess, scope, owns: fc.constant(false) })
const reach: fc.Arbitrary<Reach> = fc.record({
  tenantId: fc.constant(TENANT),
  userId: fc.constantFrom(...PEOPLE),
  cap: fc.option(levels, { freq: 1 }),
  held: fc.array(held, { maxLength: 3, size: 'max' }),
})

describe('reach in SQL and on a row', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    const { admin } = world
    await admin.query(
      'begin; set local session_replication_role = replica; delete from resource_group_member',
    )
    for (const row of ROWS) {
      await admin.query(
        `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id, created_by) values ($1, $2, $2, $3, $3, $4, $5)`,
        [row.id, row.kind, MASTER_TENANT_ID, row.cloudId, row.createdBy],
      )
      for (const group of row.groups)
        await admin.query(
          'insert into resource_group_member (tenant_id, group_id, resource_id) values ($1, $2, $3)',
          [TENANT, group, row.id],
        )
      for (const tag of row.tags)
        await admin.query('insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, $3)', [
          TENANT,
          row.id,
          tag,
        ])
      // Another tenant's tag, and group, of the same thing say nothing here
      await admin.query(`insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'red')`, [
        tenantId('B'),
        row.id,
      ])
      await admin.query(
        'insert into resource_group_member (tenant_id, group_id, resource_id) values ($1, $2, $3)',
        [tenantId('B'), GROUPS[2], row.id],
      )
    }
    await admin.query('commit')
  })
  afterAll(() => world.close())

  /** Of each row the verbs that the SQL allows. */
  async function bySql(of: Reach, kinds: readonly string[] | undefined): Promise<Map<string, string[]>> {
    const one = (verb: (typeof VERBS)[number]) => sql`(${reachSql(of, verb, kinds) ?? sql`true`})`
    const query = sql`select r.id, ${one('see')} as see, ${one('act')} as act, ${one('edit')} as edit, ${one('delete')} as delete
      from resource r where r.id = any (${IDS}::uuid[]) and (${kinds === undefined} or r.kind = any (${[...(kinds ?? [])]}))`
    const { rows } = await world.admin.query<{ id: string } & Record<string, boolean>>(
      query.text,
      query.values,
    )
    return new Map(rows.map((row) => [row.id, VERBS.filter((verb) => row[verb] === true)]))
  }

  it('say the same of 400 random people and every kind', async () => {
    const kinds = fc.option(fc.constantFrom(...KINDS.map(({ kind }) => [kind])), { nil: undefined })
    const counted = { given: 0, withheld: 0 }
    await fc.assert(
      fc.asyncProperty(reach, kinds, async (of, only) => {
        const rows = ROWS.filter(({ kind }) => only === undefined || only.includes(kind))
        const real = await bySql(of, only)
        for (const row of rows) {
          const verbs = VERBS.filter((verb) => verbsOn(of, row).has(verb))
          counted.given += verbs.length
          counted.withheld += VERBS.length - verbs.length
          expect([row.id, real.get(row.id)]).toEqual([row.id, verbs])
        }
      }),
      { numRuns: 400 },
    )
    // Both answers come often, else agreeing would say little
    expect(Math.min(counted.given, counted.withheld)).toBeGreaterThan(1000)
  }, 60_000)

  it('find all that 400 random people see in the places where their lists start', async () => {
    const counted = { few: 0, seen: 0 }
    await fc.assert(
      fc.asyncProperty(
        reach,
        fc.option(
          kindName.filter((kind) => kind !== '*'),
          { nil: undefined },
        ),
        async (of, only) => {
          const starts = reachStarts(of, only === undefined ? undefined : [only])
          if (starts === null) return
          const query = sql`select x.id from (${joinSql(starts, ' union ')}) x(id)`
          const { rows } = await world.admin.query<{ id: string }>(query.text, query.values)
          const found = new Set(rows.map(({ id }) => id))
          const seen = ROWS.filter(
            (row) => (only === undefined || row.kind === only) && verbsOn(of, row).has('see'),
          )
          counted.few += 1
          counted.seen += seen.length
          expect(seen.filter(({ id }) => !found.has(id))).toEqual([])
        },
      ),
      { numRuns: 400 },
    )
    expect(counted.few).toBeGreaterThan(20)
    expect(counted.seen).toBeGreaterThan(100)
  }, 60_000)
})
