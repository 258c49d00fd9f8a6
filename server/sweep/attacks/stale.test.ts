import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assertStillAllowed } from '@/server/context/still-allowed'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, mutate, rehearse } from '@/server/db/scope'
import { accept, giveUp } from '@/server/features/grants/grants.answer.service'
import { revoke } from '@/server/features/grants/grants.write.service'
import { call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { ownId, unusedId, VALID, validInput } from '@/server/sweep/inputs'
import { AppError } from '@/server/platform/errors'
import type { Declaration } from '@/server/rpc/declaration'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// What was true when an operation began, and is not any more; and refusals that stand behind another one.

describe('an operation that has outlived its right', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const acting = async (name: PersonName, declaration: Partial<Declaration> = {}): Promise<SignedInOp> => ({
    ...(await world.opOf(name)),
    call: {
      name: 'test',
      declaration: { scope: 'tenant', audit: 'test.write', summary: 'x', ...declaration },
      audited: false,
    },
  })
  const answer = async (work: () => Promise<unknown>) => {
    try {
      await work()
      return 'done'
    } catch (error) {
      return error instanceof AppError ? error.code : (error as Error).message
    }
  }
  const write = (op: SignedInOp) =>
    mutate(op, async ({ tx, audit }) => {
      await tx.$executeRaw`update resource set name = 'written' where id = ${resourceId('A web')}::uuid`
      audit({ targetKind: 'host', targetId: resourceId('A web') })
    })
  /** The four ways to ask again: a write, what if, a long answer. */
  const again = async (op: SignedInOp) => [
    await answer(() => write(op)),
    await answer(() => rehearse(op, async () => undefined)),
    await answer(() => assertStillAllowed(op)),
  ]
  const ROLES: Partial<Declaration> = { permission: ['roles', 'full'] }
  const viewerOnly = (name: PersonName) =>
    world.admin.query('update role_assignment set role_id = $1 where user_id = $2', [
      VIEWER_ROLE,
      userId(name),
    ])

  it('A11 is done while all is as it was (positive twin)', async () => {
    expect(await again(await acting('Ada', ROLES))).toEqual(['done', 'done', 'done'])
  })

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'its session is over',
      () => world.admin.query('delete from session where user_id = $1', [userId('Ada')]),
      'unauthenticated',
    ],
    ['its role is a lower one', () => viewerOnly('Ada'), 'access_denied'],
    [
      'its roles are gone',
      () => world.admin.query('delete from role_assignment where user_id = $1', [userId('Ada')]),
      'access_denied',
    ],
    [
      'its person is disabled',
      () => world.admin.query(`update user_account set status = 'disabled' where id = $1`, [userId('Ada')]),
      'unauthenticated',
    ],
  ])('A11 is refused once %s', async (_title, take, code) => {
    const op = await acting('Ada', ROLES)
    await take()
    expect(await again(op)).toEqual([code, code, code])
  })

  it('A11 is refused with another session than its own, or with no call', async () => {
    const op = await acting('Ada', ROLES)
    const other = { ...op, session: { ...op.session, id: idOf('session Ada 2') } }
    expect(await again(other)).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated'])
    const bare = await again({ ...op, call: null })
    expect(bare[2]).toBe('unauthenticated')
    expect(bare.slice(0, 2)).not.toContain('done')
  })

  it('A13 acts in other tenants as the master only', async () => {
    const DRILL: Partial<Declaration> = { scope: 'tenant' }
    const ways = async (op: SignedInOp, tenant: string) => [
      await answer(() => inDrill(op, tenant, async () => undefined)),
      await answer(() => rehearse(op, async () => undefined, { provider: tenant })),
      await answer(() =>
        mutate(op, async ({ audit }) => audit({ targetKind: 'tenant', targetId: tenant }), {
          provider: tenant,
        }),
      ),
    ]
    expect(await ways(await acting('Mara', DRILL), tenantId('A'))).toEqual(['done', 'done', 'done'])
    const refused = 'only the master acts in other tenants'
    expect(await ways(await acting('Ada', DRILL), tenantId('B'))).toEqual([refused, refused, refused])
  })

  it('E08 answers and takes back no share once the role is gone', async () => {
    const SHARES: Partial<Declaration> = { permission: ['sharing', 'read'] }
    const ways = (op: SignedInOp) =>
      Promise.all([
        answer(() => accept(op, idOf('grant B web'))),
        answer(() => giveUp(op, idOf('grant B db'), 'pending')),
        answer(() => revoke(op, [idOf('grant A web')])),
      ])
    const op = await acting('Ada', SHARES)
    expect(await ways(op)).toEqual(['done', 'done', 'done'])
    await world.restore()
    await viewerOnly('Ada')
    expect(await ways(op)).toEqual(['access_denied', 'access_denied', 'access_denied'])
  })
})

describe('refusals by name', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const status = async (actor: PersonName, name: string, input: unknown) => {
    const { status, text } = await call(world, actor, procedureOf(name), input)
    await world.admin.query('delete from rate_limit')
    return status < 400 || status === 409
      ? status
      : [403, 404].includes(status)
        ? status
        : `${status} ${text}`
  }
  /** The valid call of a procedure with something changed. */
  const but = async (actor: PersonName, name: string, more: object) =>
    status(actor, name, { ...((await validInput(world, name, actor)) as object), ...more })

  it('E08 a share is changed and taken back by its owner alone', async () => {
    const id = idOf('grant granted A')
    for (const name of ['grants.update', 'grants.updatePreview'])
      expect([name, await status('Ada', name, { id, role: 'admin' })]).toEqual([name, 403])
    for (const name of ['grants.revoke', 'grants.revokePreview'])
      expect([name, await status('Ada', name, { ids: [id] })]).toEqual([name, 403])
    for (const name of ['grants.update', 'grants.updatePreview'])
      expect([name, await status('Bo', name, { id, role: 'admin' })]).toEqual([name, 404])
    for (const name of ['grants.revokePreview', 'grants.revoke'])
      expect([name, await status('Bo', name, { ids: [id] })]).toEqual([name, 404])
    expect(await status('Mara', 'grants.update', { id, role: 'editor' })).toBe(200)
    expect(await status('Mara', 'grants.revoke', { ids: [id] })).toBe(200)
  })

  it('E09 a share that is over, suspended or another’s is not answered', async () => {
    const leave = (actor: PersonName, id: string) => status(actor, 'grants.leave', { id })
    expect(await leave('Ada', idOf('grant expired grant A'))).toBe(404)
    expect(await leave('Bo', idOf('grant granted A'))).toBe(404)
    expect(await leave('Mara', idOf('grant granted A'))).toBe(404)
    await world.admin.query(
      `set session_replication_role = replica; update access_grant set status = 'suspended' where id = '${idOf('grant granted A')}'; set session_replication_role = default`,
    )
    expect(await leave('Ada', idOf('grant granted A'))).toBe(404)
    await world.restore()
    expect(await leave('Ada', idOf('grant granted A'))).toBe(200)
  })

  it('D13 nobody changes their own roles, disables or removes themselves', async () => {
    const users = (name: string, more: object) => but('Ada', name, more)
    const self = { id: userId('Ada') }
    for (const name of ['users.disable', 'users.delete', 'users.setPassword', 'users.endSessions'].filter(
      (one) => one in VALID,
    ))
      expect([name, await users(name, self)]).toEqual([name, 403])
  })

  it('A13 what a subtenant’s own id does not name is not found', async () => {
    for (const [actor, name, more] of [
      ['Mara', 'tenants.get', { id: unusedId() }],
      ['Mara', 'audit.ofTenant', { tenantId: unusedId() }],
      ['Ada', 'users.get', { id: unusedId() }],
      ['Ada', 'groups.get', { id: unusedId() }],
      ['Ada', 'tasks.get', { id: unusedId() }],
      ['Ada', 'clouds.add', { id: unusedId() }],
      ['Ada', 'clouds.removeAdded', { id: unusedId() }],
      ['Ada', 'enrolmentTokens.revoke', { id: ownId('enrolmentToken', 'B') }],
      ['Ada', 'sessions.end', { id: idOf('session Tom 2') }],
    ] as [PersonName, string, object][]) {
      if (name in VALID) expect([name, await but(actor, name, more)]).toEqual([name, 404])
    }
  })
})
