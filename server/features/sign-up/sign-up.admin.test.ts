import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { tenantRolesRouter } from '@/server/features/roles/tenant-roles.router'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE } from '@/test/factories'
import { SIGN_UP_POLICY, WAITING_SIGN_UP } from '@/test/plant-sign-up'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { signUpRouter } from './sign-up.router'

const factory = createCallerFactory(router({ signUp: signUpRouter, tenantRoles: tenantRolesRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const logged = async (event: string) =>
  (
    await world.admin.query<{ target_name: string; before: object; after: object }>(
      'select target_name, before, after from audit_event where event = $1 and result = $2',
      [event, 'ok'],
    )
  ).rows
const mails = (address: string) =>
  mailbox(
    async <T extends object>(text: string, values?: unknown[]) =>
      (await world.admin.query<T>(text, values)).rows,
    address,
  )
const OFF = { ...SIGN_UP_POLICY, enabled: false, tenantRoleId: null }

describe('how people sign up', () => {
  it('is off at first', async () => {
    const { rows } = await world.admin.query<{ d: string }>(
      `select column_default as d from information_schema.columns where table_schema = 'public' and table_name = 'sign_up_policy' and column_name = 'enabled'`,
    )
    expect(rows).toEqual([{ d: 'false' }])
  })

  it('is said by who manages tenants, with before and after in the log', async () => {
    const mara = await api('Mara')
    expect(await mara.signUp.setPolicy(OFF)).toMatchObject({ enabled: false, tenantRoleId: null })
    const changed = {
      ...SIGN_UP_POLICY,
      firstRole: 'admin' as const,
      mailDomains: ['B.example', 'a.example', 'b.example'],
      approval: true,
      termsUrl: 'https://msp.example/terms',
      dailyLimit: 5,
    }
    expect(await mara.signUp.setPolicy(changed)).toMatchObject({
      ...changed,
      mailDomains: ['a.example', 'b.example'],
      licensed: true,
      address: 'http://localhost:3000/sign-up',
      waiting: 1,
      can: { manage: true },
    })
    const [, row] = await logged('sign_up.policy')
    expect(row).toMatchObject({
      before: { enabled: false, tenantRole: null },
      after: {
        enabled: true,
        tenantRole: 'Customer',
        mailDomains: ['a.example', 'b.example'],
        dailyLimit: 5,
      },
    })
  })

  it('is nobody else’s to see or say', async () => {
    for (const name of ['Ada', 'Bo'] as const) {
      expect(await refusal((await api(name)).signUp.policy()), name).toMatchObject({ code: 'access_denied' })
      expect(await refusal((await api(name)).signUp.list({})), name).toMatchObject({ code: 'access_denied' })
    }
    const sam = await api('Sam')
    expect((await sam.signUp.policy()).can).toEqual({ manage: false })
    expect(await refusal(sam.signUp.setPolicy(OFF))).toMatchObject({ code: 'access_denied' })
    expect(await refusal(sam.signUp.approve({ id: WAITING_SIGN_UP }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await (await api('Mara')).signUp.setPolicy(OFF)).toMatchObject({ enabled: false })
  })

  it('needs a tenant role to be on, and one that there is', async () => {
    const mara = await api('Mara')
    await expect(mara.signUp.setPolicy({ ...SIGN_UP_POLICY, tenantRoleId: null })).rejects.toThrow(
      /Choose a tenant role/,
    )
    expect(
      await refusal(mara.signUp.setPolicy({ ...SIGN_UP_POLICY, tenantRoleId: idOf('no such role') })),
    ).toMatchObject({ code: 'not_found' })
    for (const wrong of [
      { mailDomains: ['@a.example'] },
      { mailDomains: ['nodots'] },
      { termsUrl: 'javascript:alert(1)' },
      { dailyLimit: 0 },
      { firstRole: 'super_admin' as 'owner' },
    ])
      await expect(mara.signUp.setPolicy({ ...SIGN_UP_POLICY, ...wrong })).rejects.toThrow()
    expect(await mara.signUp.setPolicy(SIGN_UP_POLICY)).toMatchObject({ tenantRoleId: CUSTOMER_ROLE })
  })

  it('is closed with the tenant role that is deleted', async () => {
    const mara = await api('Mara')
    const cap = await mara.tenantRoles.create({ name: 'Trial', baseRoleId: CUSTOMER_ROLE })
    await mara.signUp.setPolicy({ ...SIGN_UP_POLICY, tenantRoleId: cap.id })
    await mara.tenantRoles.delete({ id: cap.id })
    expect(await mara.signUp.policy()).toMatchObject({ enabled: true, tenantRoleId: null })
    const { rows } = await world.admin.query('select wall.sign_up_open() as open')
    expect(rows).toEqual([{ open: null }])
  })
})

describe('who waits', () => {
  const email = async () =>
    (await (await api('Mara')).signUp.list({})).rows.find(({ id }) => id === WAITING_SIGN_UP)?.email ?? ''

  it('is listed, searched and narrowed', async () => {
    const mara = await api('Mara')
    const all = await mara.signUp.list({})
    expect(all.rows.map(({ status }) => status).sort()).toEqual(['mailed', 'waiting'])
    expect(all.total).toBe(2)
    expect((await mara.signUp.list({ status: ['waiting'] })).rows.map(({ id }) => id)).toEqual([
      WAITING_SIGN_UP,
    ])
    expect((await mara.signUp.list({ search: 'sign-up-mailed' })).rows).toMatchObject([{ status: 'mailed' }])
    await world.admin.query(`update sign_up set expires_at = now() - interval '1 minute'`)
    expect((await mara.signUp.list({ status: ['expired'] })).total).toBe(2)
    const first = await mara.signUp.list({ limit: 1 })
    const second = await mara.signUp.list({ limit: 1, cursor: first.nextCursor })
    expect(new Set([first.rows[0]?.id, second.rows[0]?.id]).size).toBe(2)
  })

  it('is approved once, by a mail with a link of 7 days', async () => {
    const to = await email()
    const mara = await api('Mara')
    await mara.signUp.approve({ id: WAITING_SIGN_UP })
    const [mail] = await mails(to)
    expect(mail).toMatchObject({ kind: 'sign_up', page: 'http://localhost:3000/sign-up/finish' })
    expect(mail?.token).not.toBe('')
    const [row] = (await mara.signUp.list({ status: ['approved'] })).rows
    expect(row).toMatchObject({ id: WAITING_SIGN_UP, decidedBy: expect.stringContaining('Mara') as string })
    expect(Date.parse(row?.expiresAt ?? '') - Date.now()).toBeGreaterThan(6.9 * 86_400_000)
    expect((await logged('sign_up.approve')).map(({ target_name }) => target_name)).toEqual([to])
    for (const call of [
      mara.signUp.approve({ id: WAITING_SIGN_UP }),
      mara.signUp.decline({ id: WAITING_SIGN_UP }),
    ])
      expect(await refusal(call)).toMatchObject({ code: 'conflict' })
    expect(await mails(to)).toHaveLength(1)
    expect(JSON.stringify(await logged('sign_up.approve'))).not.toContain(mail?.token)
  })

  it('is declined with the reason, which stands in the mail', async () => {
    const to = await email()
    await (await api('Mara')).signUp.decline({ id: WAITING_SIGN_UP, reason: 'We serve the north only' })
    const [mail] = await mails(to)
    expect(mail?.text).toContain('We serve the north only')
    expect(mail?.token).toBe('')
    expect((await logged('sign_up.decline'))[0]?.after).toMatchObject({ reason: 'We serve the north only' })
  })

  it('one that never was, or only got its mail, is not approved', async () => {
    const mara = await api('Mara')
    expect(await refusal(mara.signUp.approve({ id: idOf('never') }))).toMatchObject({ code: 'not_found' })
    expect(await refusal(mara.signUp.approve({ id: idOf('sign-up mailed') }))).toMatchObject({
      code: 'conflict',
    })
    await world.admin.query(`update sign_up set expires_at = now()`)
    expect(await refusal(mara.signUp.approve({ id: WAITING_SIGN_UP }))).toMatchObject({ code: 'conflict' })
  })

  it('rule 14: is not approved without a licence that covers growth, and declined with an expired one', async () => {
    await world.admin.query(
      `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 day'`,
    )
    const mara = await api('Mara')
    expect(await refusal(mara.signUp.approve({ id: WAITING_SIGN_UP }))).toMatchObject({
      code: 'license_required',
    })
    expect((await mara.signUp.policy()).licensed).toBe(false)
    expect(await mara.signUp.decline({ id: WAITING_SIGN_UP })).toMatchObject({ id: WAITING_SIGN_UP })
  })
})
