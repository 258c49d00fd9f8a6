import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GIB } from '@/lib/resource-kinds/kind'
import { planted, plantThing } from '@/server/features/clouds/clouds.fixture'
import { importsRouter } from '@/server/features/imports/imports.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ imports: importsRouter }))

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).imports
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  const { status, message, fields } = errorBody(error)
  return { status, message, fields }
}
const vm = (name: string, values: Record<string, string> = {}) => ({ name, values })
const base = { kind: 'virtual_machine' }
const own = async (name: string) =>
  (
    await world.admin.query<{
      id: string
      owner_id: string
      assigned_id: string
      cloud_id: string | null
      visibility: string
      spec: object
    }>(`select id, owner_id, assigned_id, cloud_id, visibility, spec from resource where name = $1`, [name])
  ).rows
const audited = async (key: 'M' | 'A' | 'B', event: string) =>
  (
    await world.admin.query<{ target_name: string }>(
      `select target_name from audit_event where tenant_id = $1 and event = $2 and result = 'ok' order by target_name`,
      [tenantId(key), event],
    )
  ).rows.map(({ target_name }) => target_name)

describe('an inventory', () => {
  const rows = [
    vm('erp-01', { cores: '4', memory: '8', os: 'Debian 12' }),
    vm('erp-02', { addresses: '10.0.0.7; 10.0.0.8' }),
  ]

  it('is told row by row before, and changes nothing by that', async () => {
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    const plan = await (
      await as('Ada')
    ).preview({
      ...base,
      rows: [...rows, vm('erp-03', { cores: 'many' }), vm('erp-03'), vm(' '), vm('x', { wheels: '4' })],
    })
    expect(plan.counts).toEqual({ create: 2, update: 0, same: 0, skip: 0, wrong: 4 })
    expect(plan.rows.slice(2).map(({ problems }) => problems)).toEqual([
      { cores: 'Enter a number', name: 'This name stands in several rows' },
      { name: 'This name stands in several rows' },
      { name: 'Enter a name' },
      { wheels: 'Virtual machine has no field of this name' },
    ])
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)
  })

  it('becomes private things of the acting tenant, each with its own row in the log', async () => {
    expect(await (await as('Ada')).run({ ...base, rows })).toEqual({
      created: 2,
      updated: 0,
      untouched: 0,
      leftOut: 0,
    })
    expect(await own('erp-01')).toMatchObject([
      {
        owner_id: tenantId('A'),
        assigned_id: tenantId('A'),
        cloud_id: null,
        visibility: 'private',
        spec: { cores: 4, memory: 8 * GIB, os: 'Debian 12' },
      },
    ])
    expect(await own('erp-02')).toMatchObject([{ spec: { addresses: ['10.0.0.7', '10.0.0.8'] } }])
    expect(await audited('A', 'resource.create')).toEqual(['erp-01', 'erp-02'])
    expect(await audited('A', 'resource.import')).toEqual(['2 virtual machines'])
    expect(await audited('B', 'resource.create')).toEqual([])
  })

  it('again changes only what it says otherwise; what it leaves out stays', async () => {
    const ada = await as('Ada')
    await ada.run({ ...base, rows })
    const again = { ...base, rows: [rows[0], vm('erp-02', { os: 'Ubuntu' })] as typeof rows }
    expect(await ada.run({ ...again, existing: 'skip' })).toMatchObject({
      created: 0,
      updated: 0,
      untouched: 2,
    })
    expect(await ada.run(again)).toEqual({ created: 0, updated: 1, untouched: 1, leftOut: 0 })
    expect(await own('erp-02')).toMatchObject([
      { spec: { addresses: ['10.0.0.7', '10.0.0.8'], os: 'Ubuntu' } },
    ])
    expect(await audited('A', 'resource.update')).toEqual(['erp-02'])
  })

  it('is imported as a whole or not at all, unless wrong rows are to be left out', async () => {
    const ada = await as('Ada')
    const some = { ...base, rows: [...rows, vm('erp-03', { cores: '0' })] }
    expect(await problem(ada.run(some))).toEqual({
      status: 400,
      message: '1 of 3 rows are not right',
      fields: { 'rows.2': 'At least 1' },
    })
    expect(await own('erp-01')).toEqual([])
    expect(await ada.run({ ...some, leaveOutWrong: true })).toMatchObject({ created: 2, leftOut: 1 })
    expect(await problem(ada.run({ ...base, rows: [vm('')], leaveOutWrong: true }))).toMatchObject({
      status: 400,
    })
  })

  it('of a tenant meets only what is its own: a thing of the same name elsewhere is another', async () => {
    await (await as('Ada')).run({ ...base, rows })
    expect((await (await as('Bo')).preview({ ...base, rows })).counts).toMatchObject({ create: 2, update: 0 })
    await (await as('Bo')).run({ ...base, rows: [vm('erp-01', { os: 'Bolt OS' })] })
    const both = await own('erp-01')
    expect(both.map((one) => one.owner_id).sort()).toEqual([tenantId('A'), tenantId('B')].sort())
    expect(both.find((one) => one.owner_id === tenantId('A'))).toMatchObject({ spec: { os: 'Debian 12' } })
  })

  it('does not touch what the tenant uses and does not own: its provider’s of the same name stays', async () => {
    const id = await plantThing(world, 'erp-01', { kind: 'virtual_machine', assigned: 'A' })
    expect(await (await as('Ada')).run({ ...base, rows })).toMatchObject({ created: 2, updated: 0 })
    expect((await own('erp-01')).find((one) => one.id === id)).toMatchObject({ spec: {} })
  })

  it('is for who may make such things, and for kinds that are made by hand', async () => {
    expect(await problem((await as('Tom')).run({ ...base, rows }))).toMatchObject({ status: 403 })
    expect(await problem((await as('Tom')).preview({ ...base, rows }))).toMatchObject({ status: 403 })
    expect(await problem((await as('Ada')).run({ kind: 'host', rows }))).toMatchObject({
      status: 403,
      message: 'Hosts come by enrolment',
    })
    expect(await problem((await as('Mara')).run({ kind: 'cloud', rows }))).toMatchObject({ status: 403 })
    const many = Array.from({ length: 1001 }, (_, i) => vm(`m-${i}`))
    expect(await problem((await as('Ada')).run({ ...base, rows: many }))).toMatchObject({ status: 400 })
  })

  it('of 1000 rows is imported at once', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => vm(`m-${i}`, { cores: '2', memory: '4' }))
    expect(await (await as('Ada')).run({ ...base, rows: many })).toMatchObject({ created: 1000 })
  })
})

describe('a cloud', () => {
  it('that is foreign or none is one that is not there', async () => {
    const ada = await as('Ada')
    const into = (cloudId: string) => problem(ada.run({ ...base, cloudId, rows: [vm('in')] }))
    const foreign = await into(await plantThing(world, 'Bolt cloud', { kind: 'cloud', owner: 'B' }))
    expect(foreign).toEqual(await into('7c9e6679-7425-40de-944b-e07fc1f90ae7'))
    expect(foreign).toMatchObject({ status: 404 })
    const look = (cloudId: string) => problem(ada.preview({ ...base, cloudId, rows: [vm('in')] }))
    expect(await look(planted('Bolt cloud'))).toMatchObject({ status: 404 })
    expect(await look(planted('Bolt cloud'))).toEqual(await look('7c9e6679-7425-40de-944b-e07fc1f90ae7'))
  })

  it('that the master assigned away takes what is imported along; its tenant reads of it', async () => {
    const north = await plantThing(world, 'North', { kind: 'cloud', assigned: 'A' })
    await (await as('Mara')).run({ ...base, cloudId: north, rows: [vm('north-1')] })
    expect(await own('north-1')).toMatchObject([
      { owner_id: tenantId('M'), assigned_id: tenantId('A'), cloud_id: north },
    ])
    expect(await audited('A', 'resource.create')).toEqual(['north-1'])
    expect(await audited('B', 'resource.create')).toEqual([])
  })
})
