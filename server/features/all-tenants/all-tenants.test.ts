import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { KINDS } from '@/lib/resource-kinds/registry'
import { buildContext, tokenHash } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { allTenantsRouter } from '@/server/features/all-tenants/all-tenants.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { errorBody } from '@/server/rpc/errors'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { type PersonName, TENANTS, type TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ allTenants: allTenantsRouter, resources: resourcesRouter }))
const KIND_NAMES = KINDS.map(({ kind }) => kind)
const ROLE = idOf('all-tenants role')

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(() => world.restore())

const sql = (text: string, values: unknown[] = []) => world.admin.query(text, values)

/** The operation of a person on the host of a tenant, by a session of its own. */
async function opIn(name: PersonName, key: TenantKey): Promise<SignedInOp> {
  const token = randomBytes(32).toString('base64url')
  await sql(`select wall.session_create($1, $2, $3, '192.0.2.7', 'test', 'test')`, [
    tenantId(key),
    userId(name),
    tokenHash(token),
  ])
  const host = key === 'M' ? 'localhost:3000' : `${TENANTS[key].slug}.localhost:3000`
  return (await buildContext(world.factsOf(name, { host, cookie: `fh=${token}` }))) as SignedInOp
}
const as = async (name: PersonName) => caller({ op: await world.opOf(name) })

/** Makes somebody a member with one role, held in a scope. */
async function join(name: PersonName, key: TenantKey, role: string | null, scope = '') {
  await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [tenantId(key), userId(name)])
  if (role !== null)
    await sql('insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4)', [
      tenantId(key),
      userId(name),
      role,
      scope,
    ])
}
const builtIn = async (name: string) =>
  (await world.admin.query<{ id: string }>('select id from user_role where built_in = $1', [name])).rows[0]
    ?.id ?? ''

/** Ids of a kind as the tenant's own list has them; none where it is refused. */
async function ownIds(op: SignedInOp, kind: string): Promise<string[]> {
  const list = await caller({ op })
    .resources.list({ kind, limit: 100 })
    .catch((error: unknown) => {
      if (errorBody(error).status === 403) return { rows: [], nextCursor: undefined }
      throw error
    })
  expect(list.nextCursor).toBeUndefined()
  return list.rows.map(({ id }) => id)
}
async function unionIds(op: SignedInOp, kind: string, key?: TenantKey): Promise<string[]> {
  const input = { kind, limit: 100, tenantId: key && tenantId(key) }
  const list = await caller({ op }).allTenants.list(input)
  expect([list.nextCursor, list.total]).toEqual([undefined, list.rows.length])
  return list.rows.map(({ id }) => id)
}
/** That the union of a person is what each of their tenants lists by itself, one after another. @returns how many rows that were */
async function compare(name: PersonName, keys: readonly TenantKey[]): Promise<Record<string, number>> {
  const ops: SignedInOp[] = []
  for (const key of keys) ops.push(await opIn(name, key))
  const [op] = ops
  if (!op) return {}
  const counts: Record<string, number> = Object.fromEntries(keys.map((key) => [key, 0]))
  for (const kind of KIND_NAMES) {
    const all: string[] = []
    for (const [i, key] of keys.entries()) {
      const own = await ownIds(ops[i] as SignedInOp, kind)
      expect(await unionIds(op, kind, key), `${kind} in ${key}`).toEqual(own)
      all.push(...own)
      counts[key] = (counts[key] ?? 0) + own.length
    }
    expect(await unionIds(op, kind), kind).toEqual(all)
  }
  return counts
}
const refusal = async (call: Promise<unknown>) => {
  const { requestId: _, ...body } = errorBody(
    await call.then(
      () => null,
      (e: unknown) => e,
    ),
  ) as { requestId?: string; status: number }
  return body
}

describe('all my tenants', () => {
  it('is what each of them lists by itself, under the role held there', async () => {
    await join('Tom', 'B', await builtIn('viewer'))
    const { A = 0, B = 0 } = await compare('Tom', ['A', 'B'])
    expect(Math.min(A, B)).toBeGreaterThan(5)
    // No role there: nothing from there.
    await world.restore()
    await join('Tom', 'B', null)
    expect(await compare('Tom', ['A', 'B'])).toEqual({ A, B: 0 })
  })

  const LEVELS = Object.fromEntries(
    [...new Set(KINDS.map(({ permission }) => permission))].map((p) => [p, 'read']),
  )
  const at = (level: string) => Object.fromEntries(Object.keys(LEVELS).map((p) => [p, level]))
  const ROLES: [string, object, object, string, boolean][] = [
    ['hosts only', { hosts: 'read' }, {}, '', true],
    ['level user: what one made', at('user'), {}, '', true],
    [
      'level group',
      at('group'),
      { groups: { default: 'none', entries: { [idOf('group B 1')]: 'read' } } },
      '',
      true,
    ],
    ['level group, of all groups', at('group'), { groups: { default: 'full', entries: {} } }, '', true],
    ['held in a group', LEVELS, {}, `group:${idOf('group B 1')}`, true],
    ['held in a tag', LEVELS, {}, 'tag:red', true],
    ['held in another tenant’s group', LEVELS, {}, `group:${idOf('group A 1')}`, false],
    [
      'a claim on one thing',
      {},
      { claims: [{ kinds: ['*'], actions: ['list'], resources: ['*'] }] },
      '',
      true,
    ],
    [
      'an entry that takes one thing away',
      LEVELS,
      { resources: [{ id: resourceId('B web'), kind: 'host', access: 'none' }] },
      '',
      true,
    ],
    ['held on one thing', LEVELS, {}, `resource:${resourceId('B web')}`, true],
  ]
  it.each(ROLES)(
    'a role that reaches partly reaches as there: %s',
    async (_what, levels, access, scope, some) => {
      const member = `insert into resource_group_member (tenant_id, group_id, resource_id) values ($1, $2, $3) on conflict do nothing`
      const tag = `insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'red') on conflict do nothing`
      for (const key of ['A', 'B'] as const) {
        const { rows } = await world.admin.query<{ id: string }>(
          `select id from resource where assigned_id = $1 order by id limit 9`,
          [tenantId(key)],
        )
        for (const { id } of rows.slice(0, 5)) {
          await sql(member, [tenantId(key), idOf(`group ${key} 1`), id])
          await sql(tag, [tenantId(key), id])
        }
        await sql('update resource set created_by = $1 where id = any ($2)', [
          userId('Tom'),
          rows.slice(2).map(({ id }) => id),
        ])
      }
      await sql(
        `insert into user_role (id, tenant_id, name, levels, access, updated_at) values ($1, $2, 'partly', $3, $4, now())`,
        [ROLE, tenantId('B'), JSON.stringify(levels), JSON.stringify(access)],
      )
      await join('Tom', 'B', ROLE, scope)
      const { A = 0, B = 0 } = await compare('Tom', ['A', 'B'])
      expect([A > 0, B > 0]).toEqual([true, some])
    },
  )

  it('is of every active tenant for who is of parent level', async () => {
    const counts = await compare('Mara', ['A', 'B', 'M', 'N'])
    for (const key of ['A', 'B', 'M'] as const) expect(counts[key], key).toBeGreaterThan(5)
    const { rows } = await (await as('Mara')).allTenants.list({ kind: 'host', limit: 100 })
    expect([...new Set(rows.map(({ tenant }) => tenant.slug))]).toEqual(['acme', 'bolt', 'default', 'newco'])
    const away = rows.filter(({ usedBy }) => usedBy !== null)
    expect(away.length).toBeGreaterThan(0)
    for (const row of away) expect([row.tenant.slug, row.usedBy === '']).toEqual(['default', false])
  })

  it('goes a page at a time, forth and back', async () => {
    await join('Tom', 'B', await builtIn('viewer'))
    const tom = await as('Tom')
    const all = (await tom.allTenants.list({ kind: 'host', limit: 100 })).rows.map(
      (r) => `${r.tenant.slug} ${r.id}`,
    )
    expect(all.length).toBeGreaterThan(6)
    const forth: string[] = []
    let cursor: string | undefined
    let back: string | undefined
    do {
      const page = await tom.allTenants.list({ kind: 'host', limit: 2, cursor })
      expect(page.from).toBe(forth.length)
      forth.push(...page.rows.map((r) => `${r.tenant.slug} ${r.id}`))
      back = page.prevCursor
      cursor = page.nextCursor
    } while (cursor)
    expect(forth).toEqual(all)
    const reversed: string[] = []
    while (back) {
      const page = await tom.allTenants.list({ kind: 'host', limit: 2, cursor: back })
      reversed.unshift(...page.rows.map((r) => `${r.tenant.slug} ${r.id}`))
      back = page.prevCursor
    }
    expect(reversed).toEqual(all.slice(0, reversed.length))
    expect(reversed.length).toBeGreaterThanOrEqual(all.length - 2)
    const first = (await tom.allTenants.list({ kind: 'host', limit: 2 })).nextCursor
    const other = { kind: 'network', limit: 2, cursor: first }
    expect(await refusal(tom.allTenants.list(other))).toMatchObject({ status: 400 })
  })

  it('is searched by name', async () => {
    await join('Tom', 'B', await builtIn('viewer'))
    const tom = await as('Tom')
    const { rows } = await tom.allTenants.list({ kind: 'host', limit: 100 })
    const name = rows.find(({ tenant }) => tenant.slug === 'bolt')?.name ?? ''
    const found = await tom.allTenants.list({ kind: 'host', search: name.toUpperCase() })
    expect(found.rows.length).toBeGreaterThan(0)
    expect(found.rows.length).toBeLessThan(rows.length)
    for (const row of found.rows) expect(row.name.toLowerCase()).toContain(name.toLowerCase())
  })

  it('says nothing of a tenant that is not one’s own, disabled, deleted or unknown', async () => {
    const tom = await as('Tom')
    await join('Tom', 'C', await builtIn('viewer'))
    await join('Tom', 'E', await builtIn('viewer'))
    const asked = (id: string) => refusal(tom.allTenants.list({ kind: 'host', tenantId: id }))
    const answers = await Promise.all(
      [tenantId('B'), tenantId('C'), tenantId('E'), tenantId('M'), idOf('nothing')].map(asked),
    )
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ status: 404 })
    expect((await tom.allTenants.list({ kind: 'host', tenantId: tenantId('A') })).only?.slug).toBe('acme')
    expect(await unionIds(await world.opOf('Tom'), 'host')).toEqual(
      await ownIds(await world.opOf('Tom'), 'host'),
    )
  })

  it('a membership, a tenant or a role that ends takes its rows along at once', async () => {
    await join('Tom', 'B', await builtIn('viewer'))
    const tom = await as('Tom')
    const slugs = async () =>
      new Set((await tom.allTenants.list({ kind: 'host', limit: 100 })).rows.map(({ tenant }) => tenant.slug))
    expect(await slugs()).toEqual(new Set(['acme', 'bolt']))
    await sql(`update role_assignment set expires_at = now() where tenant_id = $1 and user_id = $2`, [
      tenantId('B'),
      userId('Tom'),
    ])
    expect(await slugs()).toEqual(new Set(['acme']))
    await sql('update role_assignment set expires_at = null where tenant_id = $1', [tenantId('B')])
    expect(await slugs()).toEqual(new Set(['acme', 'bolt']))
    await sql(`update tenant set status = 'disabled' where id = $1`, [tenantId('B')])
    expect(await slugs()).toEqual(new Set(['acme']))
    await sql(`update tenant set status = 'active' where id = $1`, [tenantId('B')])
    await sql('delete from membership where tenant_id = $1 and user_id = $2', [tenantId('B'), userId('Tom')])
    expect(await slugs()).toEqual(new Set(['acme']))
  })

  it('waits for the password that is due, and for multi-tenancy', async () => {
    const tom = await as('Tom')
    expect((await tom.allTenants.kinds()).kinds).toContain('host')
    await sql('update user_credential set must_change = true where user_id = $1', [userId('Tom')])
    expect(await refusal((await as('Tom')).allTenants.list({ kind: 'host' }))).toMatchObject({ status: 403 })
    expect(await refusal((await as('Tom')).allTenants.kinds())).toMatchObject({ status: 403 })
    await sql('update user_credential set must_change = false')
    await sql('update installation set multi_tenant_enabled = false')
    expect(await refusal((await as('Mara')).allTenants.list({ kind: 'host' }))).toMatchObject({ status: 501 })
  })

  it('offers the kinds that one may look at somewhere', async () => {
    expect((await (await as('Nora')).allTenants.kinds()).kinds).toEqual([])
    await sql(
      `insert into user_role (id, tenant_id, name, levels, updated_at) values ($1, $2, 'networks', '{"networks":"read"}', now())`,
      [ROLE, tenantId('B')],
    )
    await join('Nora', 'B', ROLE)
    expect((await (await as('Nora')).allTenants.kinds()).kinds).toEqual(['network'])
  })
})
