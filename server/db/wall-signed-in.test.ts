import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PersonName, type TenantKey, TENANTS, tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Whom a cookie stands for, and with what: each condition of wall.auth_context once, beside who is let in.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const person = (name: PersonName) => `'${userId(name)}'`
const past = `now() - interval '1 minute'`
const future = `now() + interval '1 minute'`

interface Authority {
  tenant: { id: string; cap: { id: string } | null } | null
  session: { id: string } | null
  user: { id: string } | null
  roles: unknown[]
}

describe('whom a cookie stands for', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const hash = (token: string) => `'\\x${createHash('sha256').update(token).digest('hex')}'::bytea`
  const asked = (name: 'context' | 'again', token: string, key: TenantKey) =>
    `wall.auth_${name}(${hash(token)}, '${TENANTS[key].slug}')`
  const onHost = (token: string, key: TenantKey, ...changes: string[]) =>
    askAfter(world, '', asked('context', token, key), changes) as Promise<Authority>
  const user = async (...args: Parameters<typeof onHost>) => (await onHost(...args)).user?.id ?? null

  it('K02 the person of that very session, with the cap of the tenant', async () => {
    for (const [name, key, cap] of [
      ['Ada', 'A', CUSTOMER_ROLE],
      ['Tom', 'A', CUSTOMER_ROLE],
      ['Bo', 'B', ORGANIZATION_ROLE],
    ] as const) {
      const found = await onHost(tokenOf(name), key)
      expect(found).toMatchObject({
        tenant: { id: tenantId(key), cap: { id: cap } },
        session: { id: idOf(`session ${name}`) },
        user: { id: userId(name) },
      })
      expect(found.roles).toHaveLength(1)
    }
    expect((await onHost(tokenOf('Mara'), 'M')).tenant?.cap).toBe(null)
    expect(await user('x'.repeat(43), 'A')).toBe(null)
    expect(await user(tokenOf('Exa'), 'A')).toBe(null)
  })

  const session = `where id = '${idOf('session Ada')}'`
  const ada = `where user_id = ${person('Ada')}`
  it.each<[string, string[]]>([
    ['was ended', [`update session set revoked_at = now() ${session}`]],
    ['was idle for too long', [`update session set idle_expires_at = ${past} ${session}`]],
    ['lasts too long', [`update session set absolute_expires_at = ${past} ${session}`]],
    ['is of somebody disabled', [`update user_account set status = 'disabled' where id = ${person('Ada')}`]],
    ['is in a tenant that is closed', [`update tenant set status = 'disabled' where id = ${to('A')}`]],
    [
      'is of somebody from a closed tenant',
      [`update user_account set home_tenant_id = ${to('C')}, username = 'guest' where id = ${person('Ada')}`],
    ],
    ['is of somebody who has left', [`delete from membership ${ada}`]],
    ['is of a member of another tenant only', [`update membership set tenant_id = ${to('B')} ${ada}`]],
    [
      'is of a guest who has left',
      [
        `update user_account set home_tenant_id = ${to('B')}, username = 'guest' where id = ${person('Ada')}`,
        `delete from membership ${ada}`,
      ],
    ],
  ])('K02 nobody when the session %s', async (_title, changes) => {
    expect(await user(tokenOf('Ada'), 'A', ...changes)).toBe(null)
  })

  it('K02 nobody on the host of another tenant, though a member there', async () => {
    const member = `insert into membership (tenant_id, user_id) values (${to('B')}, ${person('Ada')})`
    expect(await user(tokenOf('Ada'), 'B', member)).toBe(null)
    expect(await user(tokenOf('Ada'), 'A', member)).toBe(userId('Ada'))
  })

  it('K02 the provider’s people are at work in every tenant, at home only as members', async () => {
    const left = `delete from membership where user_id = ${person('Mara')}`
    expect(await user('Mara in Acme', 'A', left)).toBe(userId('Mara'))
    expect(await user(tokenOf('Mara'), 'M')).toBe(userId('Mara'))
    expect(await user(tokenOf('Mara'), 'M', left)).toBe(null)
  })

  it('K02 roles are the live ones of this tenant, and the provider’s people bring theirs', async () => {
    const roles = async (token: string, ...changes: string[]) =>
      (await onHost(token, 'A', ...changes)).roles.length
    const give = (name: PersonName) =>
      `insert into role_assignment (tenant_id, user_id, role_id) values (${to('B')}, ${person(name)}, '${VIEWER_ROLE}')`
    expect(await roles(tokenOf('Ada'), `update role_assignment set expires_at = ${past} ${ada}`)).toBe(0)
    expect(await roles(tokenOf('Ada'), `update role_assignment set expires_at = ${future} ${ada}`)).toBe(1)
    expect(await roles(tokenOf('Ada'), `update role_assignment set tenant_id = ${to('B')} ${ada}`)).toBe(0)
    expect(await roles('Mara in Acme')).toBe(1)
    expect(await roles('Mara in Acme', give('Mara'))).toBe(1)
    const guest = `update user_account set home_tenant_id = ${to('B')}, username = 'guest' where id = ${person('Ada')}`
    expect(await roles(tokenOf('Ada'), guest, give('Ada'))).toBe(1)
  })

  it('C11 read again under the locks, it is the signed session or nobody', async () => {
    const again = (sessionId: string | null) =>
      askAfter(
        world,
        wall.sign('A', { userId: userId('Ada'), sessionId }),
        asked('again', tokenOf('Ada'), 'A'),
        [],
      )
    expect(await again(idOf('session Ada'))).toMatchObject({ user: { id: userId('Ada') } })
    expect(await again(idOf('session Ada 2'))).toBe(null)
    expect(await again(null)).toBe(null)
  })
})
