import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { effectLines } from '@/lib/effects'
import { MASTER_TENANT_ID } from '@/lib/master'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { usersRouter } from '@/server/features/users/users.router'
import type { PersonName } from '@/test/actors'
import { CUSTOMER_ROLE, SPARE_CAP, tenantId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { tenantsRouter } from './tenants.router'

const ORGANIZATION_ROLE = '00000000-0000-4000-8000-000000000102'
const factory = createCallerFactory(
  router({ tenants: tenantsRouter, users: usersRouter, tenantUsers: tenantUsersRouter }),
)
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const acme = tenantId('A')

const newTenant = (more: Record<string, unknown> = {}) => ({
  name: 'Zeta',
  slug: 'zeta',
  tenantRoleId: CUSTOMER_ROLE,
  currency: 'EUR',
  ...more,
})
async function edit(name: PersonName, id: string, more: Record<string, unknown>) {
  const as = await api(name)
  const t = await as.tenants.get({ id })
  const { currency, description, icon, accountNumber, accountName, customerNumber, updatedAt } = t
  const base = {
    id,
    name: t.name,
    tenantRoleId: t.role?.id ?? null,
    currency,
    description,
    icon,
    accountNumber,
    accountName,
    customerNumber,
  }
  return as.tenants.update({ ...base, updatedAt, ...more })
}
const events = async (tenant: string, event: string) => {
  const { rows } = await world.admin.query<{
    actor_name: string
    target_id: string
    reason: string
    after: Record<string, unknown>
  }>(
    "select actor_name, target_id, reason, after from audit_event where tenant_id = $1 and event = $2 and result = 'ok' order by at",
    [tenant, event],
  )
  return rows
}

describe('creating', () => {
  test('makes a tenant, told in both logs', async () => {
    const as = await api('Mara')
    const { id } = await as.tenants.create(newTenant({ icon: '🦊', accountNumber: 'C-1', slug: 'Zeta' }))
    const made = await as.tenants.get({ id })
    expect(made).toMatchObject({
      name: 'Zeta',
      slug: 'zeta',
      icon: '🦊',
      status: 'active',
      currency: 'EUR',
      accountNumber: 'C-1',
    })
    expect(made.address).toBe('http://zeta.localhost:3000')
    expect(await events(MASTER_TENANT_ID, 'tenant.create')).toMatchObject([{ target_id: id }])
    expect(await events(id, 'tenant.create')).toMatchObject([
      { target_id: id, after: { slug: 'zeta', accountNumber: 'C-1' } },
    ])
  })

  test('says the same of taken, resting, deleted and reserved subdomains (A15)', async () => {
    const as = await api('Mara')
    await world.admin.query("insert into slug_rest values ('resting', $1, now() + interval '1 day')", [acme])
    await world.admin.query("insert into slug_rest values ('awake', $1, now() - interval '1 day')", [acme])
    for (const slug of ['acme', 'resting', 'ended', 'admin', 'default'])
      expect(await refusal(as.tenants.create(newTenant({ slug })))).toMatchObject({
        slug: 'This subdomain cannot be used',
      })
    expect(await refusal(as.tenants.create(newTenant({ slug: 'xn--a' })))).toHaveProperty('slug')
    await as.tenants.create(newTenant({ slug: 'awake' }))
  })

  test('asks whether a subdomain is free ten times an hour at most', async () => {
    const as = await api('Mara')
    expect(await as.tenants.checkSlug({ slug: 'fresh' })).toEqual({ state: 'free', slug: 'fresh', why: '' })
    expect(await as.tenants.checkSlug({ slug: 'acme' })).toMatchObject({
      state: 'refused',
      why: 'This subdomain cannot be used',
    })
    expect(await as.tenants.checkSlug({ slug: 'no good' })).toMatchObject({ state: 'refused' })
    for (let i = 0; i < 8; i++) await as.tenants.checkSlug({ slug: `fresh-${i}` })
    expect(await as.tenants.checkSlug({ slug: 'fresh' })).toMatchObject({ state: 'later' })
    expect(await refusal(as.tenants.create(newTenant({ slug: 'acme' })))).toMatchObject({
      code: 'rate_limited',
    })
    await (await api('Mara')).tenants.list({}) // nothing else is limited
  })

  test('gives a success its tries back', async () => {
    const as = await api('Mara')
    for (let i = 0; i < 9; i++) await refusal(as.tenants.create(newTenant({ slug: 'acme' })))
    await as.tenants.create(newTenant())
    expect(await as.tenants.checkSlug({ slug: 'acme' })).toMatchObject({ state: 'refused' })
  })

  test('refuses what does not fit, field by field', async () => {
    const as = await api('Mara')
    expect(await refusal(as.tenants.create(newTenant({ name: 'ACME' })))).toMatchObject({
      code: 'conflict',
      name: 'Another tenant has this name',
    })
    expect(await refusal(as.tenants.create(newTenant({ tenantRoleId: VIEWER_ROLE })))).toMatchObject({
      code: 'not_found',
    })
    for (const wrong of [
      { currency: 'XXQ' },
      { icon: 'ab' },
      { name: ' ' },
      { name: 'a\u202Eb' },
      { tenantRoleId: null },
      { nonsense: 1 },
    ])
      expect((await refusal(as.tenants.create(newTenant(wrong) as never))).code).toMatch(/Zod/)
    expect(await events(MASTER_TENANT_ID, 'tenant.create')).toEqual([])
  })

  test('gives a subdomain, and a name, to one of many who ask at once', async () => {
    const as = await api('Mara')
    const bySlug = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => as.tenants.create(newTenant({ name: `Zeta ${n}` }))),
    )
    expect(bySlug.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
    const byName = await Promise.allSettled(
      [1, 2, 3].map((n) => as.tenants.create(newTenant({ name: 'Same', slug: `same-${n}` }))),
    )
    expect(byName.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
    for (const result of [...bySlug, ...byName])
      if (result.status === 'rejected')
        expect(['invalid_input', 'conflict']).toContain(
          (await refusal(Promise.reject(result.reason as Error))).code,
        )
  })
})

describe('editing', () => {
  test('changes everything but the subdomain, with before and after', async () => {
    await edit('Mara', acme, { name: 'Acme Ltd', tenantRoleId: ORGANIZATION_ROLE, currency: 'CHF' })
    const made = await (await api('Mara')).tenants.get({ id: acme })
    expect(made).toMatchObject({
      name: 'Acme Ltd',
      slug: 'acme',
      currency: 'CHF',
      role: { name: 'Organization' },
    })
    const [event] = await events(acme, 'tenant.update')
    expect(event?.after).toEqual({
      ...{ name: 'Acme Ltd', tenantRoleId: ORGANIZATION_ROLE, currency: 'CHF' },
      effects: expect.arrayContaining([
        'Acme gains Sharing: read → full',
        'Acme: 3 people gain Sharing: read → full',
      ]) as string[],
    })
    expect((await refusal(edit('Mara', acme, { slug: 'other' }))).code).toMatch(/Zod/)
  })

  test('says who gains and loses by another base role, before and after alike, to both logs (D14)', async () => {
    await edit('Mara', acme, { tenantRoleId: ORGANIZATION_ROLE })
    await world.admin.query(`update tenant_role set levels = '{"hosts": "read"}' where id = $1`, [SPARE_CAP])
    const asked = { id: acme, tenantRoleId: SPARE_CAP }
    const mara = await api('Mara')
    const lines = effectLines((await mara.tenants.previewBaseRole(asked)).lines)
    expect(lines).toEqual(
      expect.arrayContaining(['Acme loses Users: full → none', 'Acme loses Hosts: full → read']),
    )
    expect(lines.some((line) => /^Acme: \d+ people lose Sharing: /.test(line))).toBe(true)
    expect(lines.join()).not.toContain('Bolt')
    expect((await mara.tenants.get({ id: acme })).role?.name).toBe('Organization')
    await edit('Mara', acme, { tenantRoleId: SPARE_CAP, name: 'Renamed' })
    for (const log of [MASTER_TENANT_ID, acme])
      expect((await events(log, 'tenant.update')).at(-1)?.after.effects).toEqual(lines)
    expect(await mara.tenants.previewBaseRole(asked)).toEqual({ lines: [], more: 0 })
    expect(await refusal(mara.tenants.previewBaseRole({ ...asked, tenantRoleId: acme }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusal(mara.tenants.previewBaseRole({ ...asked, id: MASTER_TENANT_ID }))).toHaveProperty(
      'tenantRoleId',
    )
    expect(await refusal((await api('Sam')).tenants.previewBaseRole(asked))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('overwrites nobody’s change: of two at once one is told', async () => {
    const { updatedAt } = await (await api('Mara')).tenants.get({ id: acme })
    const results = await Promise.all([
      refusal(edit('Mara', acme, { currency: 'CHF', updatedAt })),
      refusal(edit('Mara', acme, { currency: 'SEK', updatedAt })),
    ])
    expect(results.map(({ code }) => code).sort()).toEqual(['Error', 'conflict'])
    expect(await refusal(edit('Mara', acme, { updatedAt: '2020-01-01T00:00:00.000Z' }))).toMatchObject({
      code: 'conflict',
    })
  })

  test('keeps names apart, and the master’s as it is', async () => {
    expect(await refusal(edit('Mara', acme, { name: 'bolt' }))).toMatchObject({
      code: 'conflict',
      name: 'Another tenant has this name',
    })
    expect(await refusal(edit('Mara', acme, { tenantRoleId: null }))).toHaveProperty('tenantRoleId')
    expect(await refusal(edit('Mara', MASTER_TENANT_ID, { name: 'Other' }))).toMatchObject({
      code: 'conflict',
    })
    expect(await refusal(edit('Mara', MASTER_TENANT_ID, { tenantRoleId: CUSTOMER_ROLE }))).toHaveProperty(
      'tenantRoleId',
    )
    await edit('Mara', MASTER_TENANT_ID, { currency: 'NOK' })
    await edit('Mara', acme, { name: 'ACME' })
    expect(await refusal((await api('Mara')).tenants.get({ id: VIEWER_ROLE }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusal(edit('Mara', tenantId('E'), {}))).toMatchObject({ code: 'conflict' })
  })
})
