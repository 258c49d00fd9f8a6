import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { rehearse } from '@/server/db/scope'
import { actingIn } from '@/server/sweep/acting'
import { ask } from '@/server/sweep/call'
import { unusedId } from '@/server/sweep/inputs'
import type { PersonName } from '@/test/actors'
import { foreignCanaries } from '@/test/canary'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ORGANIZATION = '00000000-0000-4000-8000-000000000102'
const layer = process.env.FREEHOLD_TEST_LAYER

describe('group E: visibility, assignment, sharing', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.restore()
    await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
      ORGANIZATION,
      tenantId('A'),
    ])
  })

  const { run, status } = actingIn(() => world)
  const acting = async (name: PersonName): Promise<SignedInOp> => ({
    ...(await world.opOf(name)),
    call: {
      name: 'test',
      declaration: { scope: 'tenant', permission: ['hosts', 'full'], audit: 'test.write', summary: 'x' },
      audited: false,
    },
  })
  const host = (label: string) => ({ kind: 'host', id: resourceId(label) })
  const sees = async (actor: PersonName, label: string, kind = 'host') =>
    (await status(actor, 'resources.get', { kind, id: resourceId(label) })) === 200
  const rowOf = async (label: string) =>
    (
      await world.admin.query<{ assigned_id: string; visibility: string; updated_at: Date; name: string }>(
        'select assigned_id, visibility, updated_at, name from resource where id = $1',
        [resourceId(label)],
      )
    ).rows[0]
  const edit = async (actor: PersonName, label: string, more: object = {}) => {
    const row = await rowOf(label)
    return status(actor, 'resources.update', {
      ...host(label),
      name: row?.name,
      updatedAt: row?.updated_at.toISOString(),
      ...more,
    })
  }
  const share = (role: string, label = 'A secret', to = tenantId('B')) => ({
    kind: 'host',
    resourceId: resourceId(label),
    tenantId: to,
    role,
  })
  const assign = (label: string, to: 'A' | 'B' | 'M') => ({
    kind: 'host',
    ids: [resourceId(label)],
    tenantId: tenantId(to),
  })
  it('E01 nothing of a subtenant’s becomes public, by the console or by force', async () => {
    for (const label of ['A secret', 'assigned A'])
      expect(
        await status('Ada', 'resources.setVisibility', {
          kind: 'host',
          ids: [resourceId(label)],
          visibility: 'public',
        }),
      ).toBe(403)
    for (const label of ['A secret', 'assigned A'])
      await expect(
        world.admin.query(`update resource set visibility = 'public' where id = $1`, [resourceId(label)]),
      ).rejects.toMatchObject({ code: '23514' })
    const own = { kind: 'host', ids: [resourceId('master private')], visibility: 'public' }
    expect(await status('Mara', 'resources.setVisibility', own)).toBe(200)
    expect(await sees('Ada', 'master private')).toBe(true)
  })
  it('E02 assigned and public at once ends private, also in a race', async () => {
    const row = await rowOf('master private')
    await run('Mara', 'resources.update', {
      ...host('master private'),
      name: row?.name,
      updatedAt: row?.updated_at.toISOString(),
      access: { tenantId: tenantId('A'), visibility: 'public' },
    })
    const legal = async () => {
      const now = await rowOf('master private')
      return now?.visibility === 'private' || now?.assigned_id === MASTER_TENANT_ID
    }
    expect(await legal()).toBe(true)
    const seen = new Set<number>()
    for (let i = 0; i < 15; i++) {
      await run('Mara', 'resources.assign', assign('master private', 'M'))
      const publish = { kind: 'host', ids: [resourceId('master private')], visibility: 'public' }
      const answers = await Promise.all([
        status('Mara', 'resources.assign', assign('master private', 'A')),
        status('Mara', 'resources.setVisibility', publish),
      ])
      for (const one of answers) seen.add(one)
      expect(await legal()).toBe(true)
    }
    expect([...seen].every((one) => [200, 409].includes(one))).toBe(true)
  })
  it('E03 what is assigned is used, and neither changed, handed on nor removed', async () => {
    expect(await sees('Ada', 'assigned A')).toBe(true)
    expect(await edit('Ada', 'assigned A', { name: 'mine' })).toBe(403)
    expect(await status('Ada', 'resources.assign', assign('assigned A', 'B'))).toBe(403)
    expect(await status('Ada', 'grants.create', share('viewer', 'assigned A'))).toBe(403)
    expect(await status('Ada', 'resources.remove', host('assigned A'))).toBe(403)
    expect(await edit('Ada', 'A secret', { name: 'mine' })).toBe(200)
  })
  it('E04 after a re-assignment the old tenant has nothing of it, the new one all', async () => {
    expect(await sees('Ada', 'assigned A')).toBe(true)
    expect(await status('Mara', 'resources.assign', assign('assigned A', 'B'))).toBe(200)
    expect(await sees('Ada', 'assigned A')).toBe(false)
    expect(await status('Ada', 'hosts.get', { id: resourceId('assigned A') })).toBe(404)
    const name = (await rowOf('assigned A'))?.name ?? ''
    for (const path of ['/api/hosts/export.csv']) {
      expect((await ask(world, 'Ada', path)).text).not.toContain(name)
      expect((await ask(world, 'Bo', path)).text).toContain(name)
    }
    expect(await sees('Bo', 'assigned A')).toBe(true)
  })
  it('E05 taken back from all, a thing is gone from what refers to it: no name, no place in lists', async () => {
    await world.admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, visibility) values ($1, 'profile', 'shared-profile', $2, $2, 'public')`,
      [unusedId('e05'), MASTER_TENANT_ID],
    )
    const refs = [{ field: 'profiles', ids: [unusedId('e05')] }]
    expect(await edit('Ada', 'A secret', { refs })).toBe(200)
    expect((await run('Ada', 'resources.get', host('A secret'))).text).toContain('shared-profile')
    await run('Mara', 'resources.setVisibility', {
      kind: 'profile',
      ids: [unusedId('e05')],
      visibility: 'private',
    })
    expect((await run('Ada', 'resources.get', host('A secret'))).text).not.toContain('shared-profile')
    expect((await run('Ada', 'resources.list', { kind: 'profile' })).text).not.toContain('shared-profile')
    // what is lost may stay named when the rest is changed
    expect(await edit('Ada', 'A secret', { refs, name: 'still-mine' })).toBe(200)
  })

  it('E06 what stands in a cloud is never seen by the looser of the two', async () => {
    const plant = (label: string, visibility: string, cloud: string) =>
      world.admin.query(
        `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id) values ($1, 'network', $2, $3, $3, $4, $5)`,
        [unusedId(label), label, MASTER_TENANT_ID, visibility, cloud],
      )
    await world.admin.query('delete from access_grant_all')
    await world.admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id) values ($1, 'cloud', 'closed cloud', $2, $2, 'private', $1)`,
      [unusedId('closed cloud'), MASTER_TENANT_ID],
    )
    await plant('open in closed', 'public', unusedId('closed cloud'))
    await plant('closed in open', 'private', resourceId('public cloud'))
    await plant('open in open', 'public', resourceId('public cloud'))
    const seen = async () =>
      (
        await Promise.all(
          ['open in closed', 'closed in open', 'open in open'].map(async (label) => [
            label,
            await status('Ada', 'resources.get', { kind: 'network', id: unusedId(label) }),
          ]),
        )
      )
        .filter(([, code]) => code === 200)
        .map(([label]) => label)
    expect(await seen()).toEqual(['open in open'])
    await world.admin.query(`update tenant_role_cloud set level = 'none' where cloud_id = $1`, [
      resourceId('public cloud'),
    ])
    await world.admin.query(`update tenant_role set default_cloud_level = 'none'`)
    await world.admin.query('delete from tenant_role_cloud where cloud_id = $1', [resourceId('public cloud')])
    expect(await seen()).toEqual([])
  })

  it('E08 a receiver shares nothing on, raises nothing, prolongs nothing; nobody shares with themselves, the master, or what is closed', async () => {
    const made = (await run('Ada', 'grants.create', share('admin'))).data as { id: string }
    for (const to of ['A', 'N'] as const)
      expect(await status('Bo', 'grants.create', share('viewer', 'A secret', tenantId(to)))).toBe(403)
    expect(await status('Bo', 'grants.update', { id: made.id, role: 'admin' })).toBe(403)
    const expiresAt = new Date(Date.now() + 1e9).toISOString()
    expect(await status('Bo', 'grants.update', { id: made.id, role: 'viewer', expiresAt })).toBe(403)
    expect(await status('Bo', 'grants.revoke', { ids: [made.id] })).toBe(403)
    expect(await status('Ada', 'grants.create', share('viewer', 'A secret', tenantId('A')))).toBe(400)
    expect(await status('Ada', 'grants.create', share('viewer', 'A secret', MASTER_TENANT_ID))).toBe(400)
    for (const to of [tenantId('C'), tenantId('E'), unusedId()])
      expect(await status('Ada', 'grants.create', share('viewer', 'A secret', to))).toBe(404)
    if (layer !== 'no-policies')
      await expect(
        rehearse(
          await acting('Bo'),
          (tx) => tx.$executeRaw`
          insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role)
          values (${resourceId('A secret')}::uuid, 'host', '', ${tenantId('A')}::uuid, ${tenantId('N')}::uuid, 'viewer')`,
        ),
      ).rejects.toThrow()
    const changed = await rehearse(
      await acting('Bo'),
      (tx) => tx.$executeRaw`
        update access_grant g set role = 'admin', expires_at = null
        where g.id = ${made.id}::uuid and g.owner_id = ${tenantId('B')}::uuid`,
    )
    if (layer !== 'no-filters') expect(changed).toBe(0)
    expect(await status('Ada', 'grants.update', { id: made.id, role: 'viewer' })).toBe(200)
  })

  it.skipIf(layer === 'no-policies')(
    'E09 a public row is the master’s, with the application out of the way',
    async () => {
      const ada = await acting('Ada')
      const id = resourceId('public')
      expect(
        await rehearse(ada, (tx) => tx.$executeRaw`update resource set name = 'x' where id = ${id}::uuid`),
      ).toBe(0)
      expect(await rehearse(ada, (tx) => tx.$executeRaw`delete from resource where id = ${id}::uuid`)).toBe(0)
      await expect(
        rehearse(
          ada,
          (tx) => tx.$executeRaw`
          insert into resource (id, kind, name, owner_id, assigned_id) values (gen_random_uuid(), 'host', 'x', ${MASTER_TENANT_ID}::uuid, ${MASTER_TENANT_ID}::uuid)`,
        ),
      ).rejects.toThrow()
      const own = resourceId('A secret')
      expect(
        await rehearse(ada, (tx) => tx.$executeRaw`update resource set name = 'x' where id = ${own}::uuid`),
      ).toBe(1)
    },
  )

  it('E10 public, assigned, shared and refused side by side: each by its own way, in any order', async () => {
    await run('Mara', 'grants.create', share('viewer', 'master private 2', tenantId('A')))
    const want: Record<string, boolean> = {
      public: true,
      'assigned A': true,
      'granted A': true,
      'master private 2': true,
      'A web': true,
      'master private': false,
      'assigned B': false,
      'expired grant A': false,
      'pending grant B': false,
      'B secret': false,
    }
    const labels = Object.keys(want)
    for (const order of [labels, [...labels].reverse(), [...labels].sort()])
      for (const label of order) expect([label, await sees('Ada', label)]).toEqual([label, want[label]])
    const { rows } = (await run('Ada', 'resources.list', { kind: 'host', limit: 100 })).data as {
      rows: { id: string }[]
    }
    for (const label of labels)
      expect([label, rows.some(({ id }) => id === resourceId(label))]).toEqual([label, want[label]])
  })

  it('E14 a tenant that comes later has the public clouds of its cap, each with a group; earlier ones have what they added', async () => {
    const made = (
      await run('Mara', 'tenants.create', {
        name: 'Later',
        slug: 'later',
        tenantRoleId: ORGANIZATION,
        description: '',
        icon: '',
        currency: 'USD',
        accountNumber: '',
        accountName: '',
        customerNumber: '',
      })
    ).data as { id: string }
    const cloudsOf = async (id: string) =>
      (
        await world.admin.query<{ cloud_id: string; name: string | null; group: string | null }>(
          `select tc.cloud_id, c.name, g.name as group from tenant_cloud tc join resource c on c.id = tc.cloud_id
           left join resource_group g on g.id = tc.group_id where tc.tenant_id = $1`,
          [id],
        )
      ).rows
    const later = await cloudsOf(made.id)
    expect(later.map(({ cloud_id }) => cloud_id)).toContain(resourceId('public cloud'))
    for (const { name, group } of later) expect(group).toBe(name)
    expect(await cloudsOf(tenantId('N'))).toEqual([])
  })

  it('E15 after a move nothing of it is left with the old tenant, and nothing of the old tenant with the new', async () => {
    const total = async (actor: PersonName) =>
      ((await run(actor, 'hosts.list', {})).data as { total: number }).total
    await world.admin.query(
      `insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'acme-only-tag')`,
      [tenantId('A'), resourceId('assigned A')],
    )
    const [ada, bo] = [await total('Ada'), await total('Bo')]
    await run('Mara', 'resources.assign', assign('assigned A', 'B'))
    expect([await total('Ada'), await total('Bo')]).toEqual([ada - 1, bo + 1])
    const name = (await rowOf('assigned A'))?.name ?? ''
    expect((await run('Ada', 'resources.search', { search: name.slice(0, 30) })).text).not.toContain(name)
    expect((await run('Bo', 'resources.search', { search: name.slice(0, 30) })).text).toContain(name)
    expect((await run('Ada', 'resources.list', { kind: 'host', tag: 'acme-only-tag' })).text).not.toContain(
      name,
    )
    const detail = await run('Bo', 'resources.get', host('assigned A'))
    expect(detail.text).not.toContain('acme-only-tag')
    expect(foreignCanaries(detail.text, 'B').filter((text) => !text.startsWith('CNRY-X'))).toEqual([])
    const log = (await run('Bo', 'audit.list', {})).text
    expect(log).toContain('resource.assign')
    expect(log).not.toContain('Acme')
  })

  it('E16 a viewer changes nothing; an editor neither renames, removes, assigns nor shares', async () => {
    const { id } = (await run('Ada', 'grants.create', share('viewer'))).data as { id: string }
    const spec = { description: 'changed' }
    const attempts = async () => ({
      edit: await edit('Bo', 'A secret', { spec }),
      rename: await edit('Bo', 'A secret', { name: 'theirs' }),
      remove: await status('Bo', 'resources.remove', host('A secret')),
      share: await status('Bo', 'grants.create', share('viewer', 'A secret', tenantId('N'))),
      rights: await status('Bo', 'grants.update', { id, role: 'admin' }),
      publish: await status('Bo', 'resources.setVisibility', {
        kind: 'host',
        ids: [resourceId('A secret')],
        visibility: 'public',
      }),
    })
    const none = { edit: 403, rename: 403, remove: 403, share: 403, rights: 403, publish: 403 }
    expect(await attempts()).toEqual(none)
    await run('Ada', 'grants.update', { id, role: 'editor' })
    expect(await attempts()).toEqual({ ...none, edit: 200 })
    await run('Ada', 'grants.update', { id, role: 'admin' })
    expect(await attempts()).toEqual({ ...none, edit: 200, rename: 200 })
  })

  it('E17 an address that is nobody’s, or a closed tenant’s, answers the same; nobody lists tenants', async () => {
    const answers = await Promise.all(
      [unusedId(), tenantId('C'), tenantId('E')].map((to) => run('Ada', 'grants.target', { tenantId: to })),
    )
    expect(new Set(answers.map(({ text, status: code }) => `${code} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(404)
    expect(answers[0]?.text).not.toMatch(/Closed|Ended|Bolt/)
    expect(await status('Ada', 'grants.tenants', {})).toBe(403)
    expect(await status('Tom', 'grants.target', { tenantId: tenantId('B') })).toBe(403)
    expect((await run('Ada', 'grants.target', { tenantId: tenantId('B') })).data).toEqual({
      id: tenantId('B'),
      name: 'Bolt',
    })
  })

  it('E18 removing against sharing and assigning: one wins, no orphan, no error of ours', async () => {
    for (let i = 0; i < 25; i++) {
      const id = unusedId(`e18 ${i}`)
      await world.admin.query(
        `insert into resource (id, kind, name, owner_id, assigned_id) values ($1, 'network', 'raced', $2, $2)`,
        [id, MASTER_TENANT_ID],
      )
      const answers = await Promise.all([
        status('Mara', 'resources.remove', { kind: 'network', id }),
        i % 2 === 0
          ? status('Mara', 'grants.create', { ...share('viewer'), kind: 'network', resourceId: id })
          : status('Mara', 'resources.assign', { kind: 'network', ids: [id], tenantId: tenantId('A') }),
      ])
      for (const code of answers) expect([200, 404, 409]).toContain(code)
      expect(answers).toContain(200)
      const { rowCount } = await world.admin.query(
        'select 1 from access_grant g where not exists (select 1 from resource r where r.id = g.resource_id)',
      )
      expect(rowCount).toBe(0)
    }
  }, 30_000)
})
