import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { dispatch } from '@/server/http/dispatch'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { usersRouter } from '@/server/features/users/users.router'
import type { ActorName, PersonName } from '@/test/actors'
import { tenantId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { tenantsRouter } from './tenants.router'

const factory = createCallerFactory(
  router({ tenants: tenantsRouter, users: usersRouter, tenantUsers: tenantUsersRouter }),
)
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const acme = tenantId('A')

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

describe('the list', () => {
  test('shows what the seed asks for, without deleted ones', async () => {
    const { rows, total } = await (await api('Mara')).tenants.list({})
    expect(rows.map((row) => row.name)).toEqual(['Acme', 'Bolt', 'Closed', 'Freehold MSP', 'Newco'])
    expect(total).toBe(5)
    expect(rows[0]).toMatchObject({
      role: { name: 'Customer' },
      status: 'active',
      totalUsers: 6,
      totalInstances: 5,
      master: false,
    })
    expect(rows[3]).toMatchObject({
      master: true,
      role: null,
      can: { edit: true, disable: false, delete: false },
    })
    expect(rows[3]?.why.delete).toBe('The master tenant is never deleted')
  })

  test('filters, searches and sorts', async () => {
    const as = await api('Mara')
    const names = async (input: object) => (await as.tenants.list(input)).rows.map((row) => row.name)
    expect(await names({ status: ['deleted'] })).toEqual(['Ended'])
    expect(await names({ status: ['disabled', 'deleted'], sort: 'status' })).toEqual(['Ended', 'Closed'])
    expect(await names({ search: 'OLT' })).toEqual(['Bolt'])
    expect(await names({ search: '100%_' })).toEqual([])
    expect(await names({ desc: true })).toEqual(['Newco', 'Freehold MSP', 'Closed', 'Bolt', 'Acme'])
  })

  test.each(['name', 'status', 'createdAt'] as const)(
    'pages by %s forward and back without a gap',
    async (sort) => {
      const as = await api('Mara')
      const all = (await as.tenants.list({ sort })).rows.map((row) => row.id)
      const forward: string[] = []
      let page = await as.tenants.list({ sort, limit: 2 })
      for (
        forward.push(...page.rows.map((r) => r.id));
        page.nextCursor !== undefined;
        forward.push(...page.rows.map((r) => r.id))
      )
        page = await as.tenants.list({ sort, limit: 2, cursor: page.nextCursor })
      expect(forward).toEqual(all)
      const before = await as.tenants.list({ sort, limit: 2, cursor: page.prevCursor })
      expect(before.rows.map((r) => r.id)).toEqual(all.slice(2, 4))
      const first = await as.tenants.list({ sort, limit: 2, cursor: before.prevCursor })
      expect(first.rows.map((r) => r.id)).toEqual(all.slice(0, 2))
      expect(first.prevCursor).toBeUndefined()
    },
  )

  test('refuses a cursor that was changed or is another list’s (A09)', async () => {
    const as = await api('Mara')
    const { nextCursor = '' } = await as.tenants.list({ limit: 2 })
    const payload = Buffer.from(JSON.stringify([false, 'a', MASTER_TENANT_ID])).toString('base64url')
    for (const cursor of [`${payload}.${nextCursor.split('.')[1]}`, 'x', `${nextCursor}x`, `${nextCursor}.y`])
      expect(await refusal(as.tenants.list({ limit: 2, cursor }))).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(as.tenants.list({ sort: 'status', limit: 2, cursor: nextCursor }))).toMatchObject({
      code: 'invalid_input',
    })
  })

  test('is the master’s alone; Support sees and cannot change', async () => {
    expect(await refusal((await api('Ada')).tenants.list({}))).toMatchObject({ code: 'access_denied' })
    const sam = await api('Sam')
    const [row] = (await sam.tenants.list({})).rows
    expect(row?.can).toEqual({
      edit: false,
      setUp: false,
      disable: false,
      enable: false,
      delete: false,
      restore: false,
    })
    expect(await refusal(sam.tenants.disable({ id: acme, reason: 'x' }))).toMatchObject({
      code: 'access_denied',
    })
    expect(
      await refusal(
        sam.tenants.create({ name: 'Zeta', slug: 'zeta', tenantRoleId: VIEWER_ROLE, currency: 'EUR' }),
      ),
    ).toMatchObject({ code: 'access_denied' })
  })

  test('is exported as CSV, with formulas defused', async () => {
    await edit('Mara', acme, { name: '=HYPERLINK("x")' })
    const get = (actor: ActorName, query = '') => {
      const facts = { ...world.factsOf(actor), path: '/api/tenants/export.csv' }
      const request = new Request(`http://${facts.host}/api/tenants/export.csv${query}`)
      return dispatch(request, '/api/tenants/export.csv', facts)
    }
    const response = await get('Mara', '?status=active&sort=name')
    const lines = (await response?.text())?.split('\r\n') ?? []
    expect(response?.headers.get('content-disposition')).toBe('attachment; filename="tenants.csv"')
    expect(lines[0]).toContain('Name,Subdomain,Role,Total Instances,Total Users,Status,Reason,Created')
    expect(lines[1]).toMatch(/^"'=HYPERLINK\(""x""\)",acme,Customer,5,6,active,,2/)
    expect(lines).toHaveLength(6)
    expect((await get('Ada'))?.status).toBe(403)
    expect((await get('nobody'))?.status).toBe(401)
    expect((await get('Mara', '?sort=password'))?.status).toBe(400)
  })
})

describe('the guided set-up', () => {
  test('knows from the data what is done, keeps what was skipped', async () => {
    const mara = await api('Mara')
    const newco = tenantId('N')
    const state = async () =>
      (await mara.tenants.setup.get({ id: newco })).steps.map(
        ({ id, done, skipped }) => `${id}:${done}:${skipped}`,
      )
    expect(await state()).toEqual([
      'role:true:false',
      'infrastructure:false:false',
      'users:false:false',
      'handover:false:false',
    ])
    await mara.tenants.setup.set({ id: newco, step: 'infrastructure', skipped: true })
    await mara.tenantUsers.create({
      tenantId: newco,
      username: 'nia',
      email: 'nia@newco.example',
      roleIds: [VIEWER_ROLE],
    })
    expect(await state()).toEqual([
      'role:true:false',
      'infrastructure:false:true',
      'users:true:false',
      'handover:false:false',
    ])
    await mara.tenants.setup.set({ id: newco, step: 'infrastructure', skipped: false })
    expect((await mara.tenants.setup.get({ id: newco })).finished).toBe(false)
    expect((await mara.tenants.setup.get({ id: acme })).finished).toBe(true)
    expect(await refusal(mara.tenants.setup.get({ id: MASTER_TENANT_ID }))).toMatchObject({
      code: 'not_found',
    })
  })
})
