import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { enrolmentTokensRouter } from '@/server/features/enrolment-tokens/enrolment-tokens.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ enrolmentTokens: enrolmentTokensRouter }))

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

describe('enrolment tokens', () => {
  const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
  const status = (call: Promise<unknown>) =>
    call.then(
      () => 200,
      (error: unknown) => errorBody(error).status,
    )

  it('are shown once, kept as a hash, and listed without it', async () => {
    const made = await (
      await as('Ada')
    ).enrolmentTokens.create({ name: 'rack 4', maxUses: 3, expiresInHours: 48 })
    expect(made.token).toMatch(/^fhe_[A-Za-z0-9_-]{43}$/)
    expect(made.command).toBe(
      `curl -fsSL http://acme.localhost:3000/agent/install.sh | FREEHOLD_TOKEN=${made.token} sh`,
    )
    expect(made.windowsCommand).toBe(
      `$env:FREEHOLD_TOKEN = '${made.token}'; irm http://acme.localhost:3000/agent/install.ps1 | iex`,
    )
    expect(new Date(made.expiresAt).getTime() - Date.now()).toBeGreaterThan(47.9 * 3_600_000)
    const list = await (await as('Ada')).enrolmentTokens.list({})
    expect(list.rows[0]).toMatchObject({ id: made.id, name: 'rack 4', maxUses: 3, uses: 0, state: 'live' })
    expect(JSON.stringify(list)).not.toContain(made.token.slice(4, 20))
    const dump = await world.admin.query(
      `select (t.*)::text as row from enrolment_token t union all select (a.*)::text from audit_event a`,
    )
    expect(JSON.stringify(dump.rows)).not.toContain(made.token)
  })

  it('are the tenant’s own: not even the master lists or revokes a subtenant’s', async () => {
    const { rows } = await (await as('Ada')).enrolmentTokens.list({ limit: 1 })
    const second = await (
      await as('Ada')
    ).enrolmentTokens.list({
      limit: 1,
      cursor: (await (await as('Ada')).enrolmentTokens.list({ limit: 1 })).nextCursor,
    })
    expect(second.rows).toHaveLength(1)
    expect(second.rows[0]?.id).not.toBe(rows[0]?.id)
    const id = rows[0]?.id ?? ''
    for (const who of ['Bo', 'Mara'] as const) {
      expect(
        (await (await as(who)).enrolmentTokens.list({ limit: 100 })).rows.some((row) => row.id === id),
      ).toBe(false)
      expect(await status((await as(who)).enrolmentTokens.revoke({ id }))).toBe(404)
    }
    expect(await status((await as('Tom')).enrolmentTokens.revoke({ id }))).toBe(403)
    expect(await status((await as('Tom')).enrolmentTokens.create({ name: 'x' }))).toBe(403)
    expect(await status((await as('Eve')).enrolmentTokens.revoke({ id }))).toBe(200)
  })

  it('are bounded', async () => {
    const api = await as('Ada')
    for (const wrong of [
      { name: '' },
      { name: 'x', maxUses: 0 },
      { name: 'x', maxUses: 10_001 },
      { name: 'x', expiresInHours: 0 },
      { name: 'x', expiresInHours: 8761 },
    ])
      expect(await status(api.enrolmentTokens.create(wrong))).toBe(400)
  })
})
