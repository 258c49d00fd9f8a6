import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { actAs, type Acting, REASON } from '@/server/features/impersonation/acting.fixture'
import { actingIn } from '@/server/sweep/acting'
import { ask } from '@/server/sweep/call'
import { procedures } from '@/server/sweep/declared'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import { type PersonName } from '@/test/actors'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

describe('group F: what one may while impersonating', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.restore())
  const { sql, run } = actingIn(() => world)
  const actingRows = async () =>
    (
      await sql(
        'select tenant_id, event, result, actor_id, subject_id, acting_reason as reason from audit_event where acting_session_id is not null and request_id <> $$$$',
      )
    ).rows as {
      tenant_id: string
      event: string
      result: string
      actor_id: string
      subject_id: string
      reason: string
    }[]

  /** Every procedure that a person of Acme can call, as its owner. */
  const forAda = () =>
    procedures().filter(({ name }) => VALID[name]?.by === 'Ada' && VALID[name].status === undefined)
  const attempt = async (acting: Acting, name: string) => {
    await prepare(world, name, 'Ada')
    return acting.run(name, await validInput(world, name, 'Ada'))
  }

  it('F09 F13 no change that is not on the list: passwords, tokens, roles, users, shares, sessions, settings', async () => {
    const changes = forAda().filter(
      ({ type, declaration }) => type === 'mutation' && !declaration?.impersonating,
    )
    for (const name of [
      'account.changePassword',
      'enrolmentTokens.create',
      'users.create',
      'users.setPassword',
      'roles.update',
      'grants.accept',
      'sessions.endOthers',
      'boot.address',
      'providerAccess.set',
      'providerAccess.decide',
    ])
      expect(changes.map((one) => one.name)).toContain(name)
    const ada = await actAs(world, 'Ada')
    for (const { name, declaration } of changes) {
      await sql(`delete from rate_limit`)
      const answer = await attempt(ada, name)
      expect([name, answer.status, answer.text.includes('Not while impersonating')]).toEqual([
        name,
        403,
        true,
      ])
      const denied = (await actingRows()).filter(
        ({ event, result }) => event === declaration?.audit && result === 'denied',
      )
      expect([name, [...new Set(denied.map((row) => row.tenant_id))].sort()]).toEqual([
        name,
        [MASTER_TENANT_ID, tenantId('A')].sort(),
      ])
    }
  })

  it('F09 no secret, no list of tokens or sessions, no export', async () => {
    const ada = await actAs(world, 'Ada')
    for (const name of ['enrolmentTokens.list', 'sessions.list'])
      expect([
        name,
        (await attempt(ada, name)).status,
        (await run('Ada', name, await validInput(world, name, 'Ada'))).status,
      ]).toEqual([name, 403, 200])
    for (const path of ['/api/hosts/export.csv', '/api/roles/export.json']) {
      expect([path, (await ada.get(path)).status]).toEqual([path, 403])
      expect([path, (await ask(world, 'Ada', path)).status]).toEqual([path, 200])
    }
  })

  it('F10 every act that is on the list names both people, session and reason, in both logs', async () => {
    const allowed = forAda().filter(({ declaration }) => declaration?.impersonating === 'allowed')
    expect(allowed.length).toBeGreaterThan(10)
    for (const { name, declaration } of allowed) {
      await world.restore()
      const ada = await actAs(world, 'Ada')
      const answer = await attempt(ada, name)
      expect([name, answer.status]).toEqual([name, 200])
      const rows = (await actingRows()).filter(({ event }) => event === declaration?.audit)
      expect([name, rows.map((row) => row.tenant_id).sort()]).toEqual([
        name,
        [MASTER_TENANT_ID, tenantId('A')].sort(),
      ])
      for (const row of rows)
        expect(row).toMatchObject({
          actor_id: userId('Mara'),
          subject_id: userId('Ada'),
          reason: REASON,
          result: 'ok',
        })
    }
    for (const name of ['Ada', 'Mara'] as const)
      expect((await run(name, 'audit.verify')).data).toMatchObject({ intact: true })
  })

  it('F17 one may exactly what the user may', async () => {
    const mine = async (who: PersonName) => ({
      me: ((await run(who, 'account.me')).data as { permissions: object[] }).permissions,
      acting: await (async () => {
        const acting = await actAs(world, who)
        const data = (await acting.run('account.me')).data as { permissions: object[] }
        return { permissions: data.permissions, acting }
      })(),
    })
    for (const who of ['Tom', 'Ada'] as const) {
      const { me, acting } = await mine(who)
      expect(acting.permissions).toEqual(me)
      const all = procedures().filter(({ declaration }) => declaration?.scope === 'master')
      const masters = who === 'Ada' ? all : all.slice(0, 5)
      for (const { name } of masters) {
        const answer = await acting.acting.run(name, await validInput(world, name, 'Mara'))
        expect([who, name, answer.status]).toEqual([who, name, 403])
      }
      expect(await acting.acting.status('hosts.get', { id: resourceId('master private') })).toBe(404)
      await acting.acting.run('impersonation.quit')
    }
  }, 60_000)
})
