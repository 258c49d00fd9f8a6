import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { actAs, REASON, start } from '@/server/features/impersonation/acting.fixture'
import { actingIn } from '@/server/sweep/acting'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())
const { sql, run, status } = actingIn(() => world)

const tom = { tenantId: tenantId('A'), userId: userId('Tom') }
const logsOf = async (event: string) =>
  (
    (await sql('select tenant_id from audit_event where event = $1 and result = $2', [event, 'ok'])).rows as {
      tenant_id: string
    }[]
  )
    .map((row) => row.tenant_id)
    .sort()
const both = [MASTER_TENANT_ID, tenantId('A')].sort()

describe('a tenant says how its provider gets in', () => {
  it('always at first; who manages users changes it, and the log has it', async () => {
    expect((await run('Ada', 'providerAccess.get')).data).toMatchObject({
      own: 'always',
      effective: 'always',
      locked: null,
    })
    expect((await run('Ada', 'providerAccess.set', { policy: 'never' })).data).toMatchObject({ own: 'never' })
    const refused = await start(world, 'Tom')
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining('does not let its provider in') as string,
    ])
    expect((await run('Mara', 'impersonation.options', tom)).data).toMatchObject({
      policy: 'never',
      why: expect.any(String) as string,
    })
    expect((await start(world, 'Bo')).status).toBe(200)
    expect(await logsOf('provider_access.set')).toEqual([tenantId('A')])
    expect(await status('Eve', 'providerAccess.set', { policy: 'always' })).toBe(403)
    expect(await status('Ann', 'providerAccess.set', { policy: 'always' })).toBe(200)
    expect((await start(world, 'Tom')).status).toBe(200)
  })

  it('never ends what is under way', async () => {
    const eve = await actAs(world, 'Eve')
    expect(await eve.status('account.me')).toBe(200)
    await run('Ada', 'providerAccess.set', { policy: 'never' })
    expect(await eve.status('account.me')).toBe(401)
  })

  it('unless its tenant role says', async () => {
    const lock = async (providerAccess: string) => {
      const cap = (await run('Mara', 'tenantRoles.get', { id: CUSTOMER_ROLE })).data as Record<string, object>
      const { id, name, description, levels, landing, defaultCloudLevel, updatedAt } = cap
      const own = { id, name, description, levels, landing, defaultCloudLevel, updatedAt, clouds: [] }
      return status('Mara', 'tenantRoles.update', { ...own, providerAccess })
    }
    expect(await lock('ask')).toBe(200)
    expect((await run('Ada', 'providerAccess.get')).data).toMatchObject({
      own: 'always',
      effective: 'ask',
      locked: 'ask',
      can: { change: false },
    })
    expect(await status('Ada', 'providerAccess.set', { policy: 'always' })).toBe(409)
    expect((await start(world, 'Tom')).status).toBe(403)
    expect(await lock('free')).toBe(200)
    expect(await status('Ada', 'providerAccess.set', { policy: 'always' })).toBe(200)
  })

  it('the master has no provider', async () => {
    for (const name of ['get', 'visits', 'others']) {
      expect(await status('Mara', `providerAccess.${name}`, name === 'get' ? undefined : {})).toBe(403)
      expect(await status('Ada', `providerAccess.${name}`, name === 'get' ? undefined : {})).toBe(200)
    }
  })
})

describe('a tenant that wants to be asked', () => {
  beforeEach(() => run('Ada', 'providerAccess.set', { policy: 'ask' }))

  it('agrees to this reason and this time, once', async () => {
    expect((await start(world, 'Tom')).status).toBe(403)
    const asked = await run('Mara', 'impersonation.request', {
      ...tom,
      reason: REASON,
      minutes: 15,
      readOnly: true,
    })
    expect(asked.status).toBe(200)
    const { id } = asked.data as { id: string }
    expect(await status('Mara', 'impersonation.request', { ...tom, reason: REASON })).toBe(409)
    expect((await run('Mara', 'impersonation.options', tom)).data).toMatchObject({
      request: { id, state: 'waiting' },
    })
    expect((await start(world, 'Tom')).status).toBe(403)
    const rows = (
      (await run('Ada', 'providerAccess.visits', {})).data as { rows: { id: string; state: string }[] }
    ).rows
    expect(rows[0]).toMatchObject({ id, state: 'waiting', reason: REASON, minutes: 15 })
    for (const who of ['Tom', 'Eve'] as const)
      expect(await status(who, 'providerAccess.decide', { id, approve: true })).toBe(403)
    expect(await status('Bo', 'providerAccess.decide', { id, approve: true })).toBe(404)
    expect(await status('Ada', 'providerAccess.decide', { id, approve: true })).toBe(200)
    expect(await status('Ada', 'providerAccess.decide', { id, approve: false })).toBe(409)
    expect(await logsOf('impersonation.request')).toEqual(both)
    expect(await logsOf('impersonation.approve')).toEqual(both)
    // whatever the one who begins says now: what was agreed to counts
    const acting = await actAs(world, 'Tom', { minutes: 60, readOnly: false })
    const { rows: found } = await sql(
      `select id, minutes, read_only, ends_at <= started_at + interval '15 minutes' as short from impersonation where started_at is not null and ended_at is null`,
    )
    expect(found).toEqual([{ id, minutes: 15, read_only: true, short: true }])
    await acting.run('impersonation.quit')
    expect((await start(world, 'Tom')).status).toBe(403)
  })

  it('declines, and what was declined begins nothing', async () => {
    const id = idOf('impersonation A asked')
    expect(await status('Ada', 'providerAccess.decide', { id, approve: false })).toBe(200)
    expect(await logsOf('impersonation.decline')).toEqual(both)
    expect((await start(world, 'Eve')).status).toBe(403)
    const eve = { ...tom, userId: userId('Eve') }
    expect((await run('Mara', 'impersonation.options', eve)).data).toMatchObject({
      request: { state: 'declined' },
    })
    expect(await status('Mara', 'impersonation.request', { ...eve, reason: REASON })).toBe(200)
  })

  it('is asked anew after a day', async () => {
    const id = idOf('impersonation A asked')
    await sql(`update impersonation set created_at = now() - interval '25 hours' where id = $1`, [id])
    expect(await status('Ada', 'providerAccess.decide', { id, approve: true })).toBe(409)
    const rows = ((await run('Ada', 'providerAccess.visits', {})).data as { rows: object[] }).rows
    expect(rows).toMatchObject([
      { state: 'ended', note: 'Quit' },
      { id, state: 'void', note: 'Not used within 24 hours' },
    ])
  })
})

describe('the touch log', () => {
  it('cuts off who is in, at once, and tells both logs', async () => {
    const eve = await actAs(world, 'Eve')
    const rename = { id: resourceId('A web'), name: 'renamed' }
    expect(await eve.status('hosts.rename', rename)).toBe(200)
    for (const who of ['Tom', 'Eve'] as const)
      expect(await status(who, 'providerAccess.cutOff', { id: eve.id })).toBe(403)
    expect(await status('Bo', 'providerAccess.cutOff', { id: eve.id })).toBe(404)
    expect(await eve.status('account.me')).toBe(200)
    expect(await status('Ada', 'providerAccess.cutOff', { id: eve.id })).toBe(200)
    expect(await eve.status('hosts.rename', { ...rename, name: 'again' })).toBe(401)
    expect(await status('Ada', 'providerAccess.cutOff', { id: eve.id })).toBe(409)
    expect(await logsOf('impersonation.cut_off')).toEqual(both)
    const rows = ((await run('Ada', 'providerAccess.visits', { limit: 1 })).data as { rows: object[] }).rows
    expect(rows).toMatchObject([{ id: eve.id, state: 'ended', note: 'Cut off by the tenant', acts: 2 }])
  })

  it('pages through, newest first', async () => {
    for (const as of ['Eve', 'Tom'] as const) await (await actAs(world, as)).run('impersonation.quit')
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = (await run('Ada', 'providerAccess.visits', { limit: 1, cursor })).data as {
        rows: { id: string }[]
        nextCursor?: string
      }
      ids.push(...page.rows.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor)
    expect(new Set(ids).size).toBe(4)
    expect(ids.slice(2)).toEqual([idOf('impersonation A asked'), idOf('impersonation A past')])
    const bolt = ((await run('Bo', 'providerAccess.visits', {})).data as { rows: { id: string }[] }).rows
    expect(bolt.map(({ id }) => id)).toEqual([idOf('impersonation B asked'), idOf('impersonation B past')])
  })

  it('has what the provider did under its own names, and nothing of its impersonations', async () => {
    await (await actAs(world, 'Eve')).run('hosts.rename', { id: resourceId('A web'), name: 'renamed' })
    await run('Mara', 'tenantUsers.disable', { tenantId: tenantId('A'), id: userId('Tom') })
    const rows = ((await run('Ada', 'providerAccess.others', {})).data as { rows: { event: string }[] }).rows
    const before = ['tenant.drill_in', 'tenant.drill_in']
    expect(rows.map(({ event }) => event)).toEqual(['user.disable', 'impersonation.start', ...before])
    const bolts = ((await run('Bo', 'providerAccess.others', {})).data as { rows: { event: string }[] }).rows
    expect(bolts.map(({ event }) => event)).toEqual(before)
  })
})
