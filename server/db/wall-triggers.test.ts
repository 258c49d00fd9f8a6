import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// What follows by itself from a change, whoever makes it: asked as the owner of everything, in transactions that are rolled back.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const id = (label: string) => `'${resourceId(label)}'`

describe('what follows by itself', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  /** The rows of the last statement. */
  async function after(...statements: string[]): Promise<Record<string, unknown>[]> {
    const { admin } = world
    await admin.query('begin')
    try {
      let rows: Record<string, unknown>[] = []
      for (const each of statements) ({ rows } = await admin.query(each))
      return rows
    } finally {
      await admin.query('rollback')
    }
  }
  const logged = (...keys: TenantKey[]) =>
    keys.map(
      (key) => `insert into audit_event (tenant_id, actor_name, event) values (${to(key)}, 'x', 'new.event')`,
    )

  it.each<[string, ...string[]]>([
    ['changed', `update audit_event set reason = 'x'`],
    ['removed', `delete from audit_event where tenant_id = ${to('A')}`],
    [
      'emptied',
      'alter table audit_seal disable trigger audit_seal_frozen_truncate',
      'truncate audit_event, audit_seal',
    ],
    ['sealed otherwise', `update audit_seal set n = n + 1000`],
    ['unsealed', `delete from audit_seal where tenant_id = ${to('A')}`],
    ['unsealed as a whole', 'truncate audit_seal'],
  ])('L01 the log is not %s, not even by the owner of everything', async (_what, ...statements) => {
    await expect(after(...statements)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringContaining('append-only'),
    })
  })

  it('L01 an event is sealed behind the one before it, in its own tenant’s chain', async () => {
    const chain = `select s.n::int as n, e.event = 'new.event' as new, s.prev = lag(s.hash) over (order by s.n) as linked
      from audit_seal s join audit_event e on e.id = s.event_id where s.tenant_id = ${to('A')} order by s.n desc limit 3`
    const [before] = await after(chain)
    const n = before?.n as number
    expect(await after(...logged('A', 'B', 'A'), 'set constraints all immediate', chain)).toEqual([
      { n: n + 2, new: true, linked: true },
      { n: n + 1, new: true, linked: true },
      { n, new: false, linked: true },
    ])
  })

  it('L01 whoever seals has the locks of all chains that it writes, so that none forks', async () => {
    const held = `select t.name from tenant t where exists (select 1 from pg_locks l where l.locktype = 'advisory' and l.granted
        and l.pid = pg_backend_pid() and l.mode = 'ExclusiveLock'
        and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('freehold.seal.' || t.id::text, 20261121)) order by 1`
    const sealed = await after(...logged('B', 'A'), 'set constraints all immediate', held)
    expect(sealed).toEqual([{ name: 'Acme' }, { name: 'Bolt' }])
    expect(await after(held)).toEqual([])
  })

  it('K02 a share is listed under the name that its thing has now', async () => {
    const names = await after(
      `update resource set name = 'renamed' where id = ${id('granted A')}`,
      `select name from access_grant where resource_id = ${id('granted A')}`,
    )
    expect(names).toEqual([{ name: 'renamed' }])
  })

  it('V4 what is assigned is shared with nobody any more; other things stay shared', async () => {
    const shares = `select resource_id as id from access_grant where resource_id in (${id('granted A')}, ${id('pending grant B')})`
    const assign = `update resource set assigned_id = ${to('B')} where id = ${id('granted A')}`
    expect(await after(assign, shares)).toEqual([{ id: resourceId('pending grant B') }])
    const rename = `update resource set name = 'x', assigned_id = assigned_id where id = ${id('granted A')}`
    expect(await after(rename, shares)).toHaveLength(2)
  })

  const born = (label: string, owner: TenantKey, assigned: TenantKey, kind = 'host') =>
    `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id)
     values (${id(label)}, '${kind}', 'x', ${to(owner)}, ${to(assigned)}, ${id('moved cloud')})`
  const assign = (key: TenantKey, ...labels: string[]) =>
    `update resource set assigned_id = ${to(key)} where id in (${labels.map(id).join(', ')})`
  const ready = [born('moved cloud', 'M', 'M', 'cloud'), born('in it', 'M', 'M')]
  const whole = { code: '23514', constraint: 'resource_whole_cloud' }

  it('E12 a cloud is assigned with all that its owner has in it, and nothing of a third', async () => {
    expect(await after(...ready, assign('A', 'moved cloud', 'in it'))).toEqual([])
    await expect(after(...ready, assign('A', 'moved cloud'))).rejects.toMatchObject(whole)
    const gone = [...ready, assign('A', 'moved cloud', 'in it')]
    await expect(after(...gone, assign('B', 'in it'))).rejects.toMatchObject(whole)
    await expect(after(...gone, assign('M', 'in it'))).rejects.toMatchObject(whole)
    const theirs = (key: TenantKey) => [
      ...ready,
      born('theirs', key, key),
      assign('A', 'moved cloud', 'in it'),
    ]
    expect(await after(...theirs('A'))).toEqual([])
    await expect(after(...theirs('B'))).rejects.toMatchObject(whole)
  })

  it('a tenant begins with the public clouds that its tenant role grants, each in a group of its name', async () => {
    const tenant = idOf('begun tenant')
    const [name] = await after(`select name from resource where id = ${id('public cloud')}`)
    const begun = await after(
      `insert into tenant (id, slug, name, tenant_role_id) values ('${tenant}', 'begun', 'Begun', '${CUSTOMER_ROLE}')`,
      `select c.cloud_id = m.resource_id as grouped, g.name, m.resource_id as id from tenant_cloud c
         join resource_group g on g.id = c.group_id and g.tenant_id = c.tenant_id
         join resource_group_member m on m.group_id = g.id where c.tenant_id = '${tenant}'`,
    )
    expect(begun).toEqual([{ grouped: true, ...name, id: resourceId('public cloud') }])
  })
})
