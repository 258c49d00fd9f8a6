import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idOf } from '@/test/canary'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { inviting, NEW } from './invitations.fixture'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, visitor, mailTo, invite } = inviting(() => world)

const OWNER_ROLE = '00000000-0000-4000-8000-000000000203'
const EMAIL = 'lea@elsewhere.example'

describe('sending again', () => {
  const again = async (name: 'Ada' | 'Bo' = 'Ada') => {
    const { invitations } = await as(name)
    const [row] = (await invitations.list({ search: EMAIL, status: ['pending'] })).rows
    return refusal(invitations.resend({ id: row?.id ?? '' }))
  }
  const aMinuteLater = () => world.admin.query(`delete from rate_limit where bucket like 'invite.again:%'`)
  const WENT = 'Error: it went through'

  test('is limited by address, whatever the id: one a minute, five a day, of a day’s mails', async () => {
    await invite('Ada', EMAIL)
    await invite('Bo', EMAIL, idOf('role B 1'))
    expect((await again()).message).toBe(WENT)
    expect(await again()).toMatchObject({ code: 'rate_limited' })
    expect((await again('Bo')).message).toBe(WENT) // another tenant's mails
    for (let i = 0; i < 4; i++) {
      await aMinuteLater()
      expect((await again()).message).toBe(WENT)
    }
    await aMinuteLater()
    expect(await again()).toMatchObject({ code: 'rate_limited' })
    const { rows } = await world.admin.query(
      `select hits from rate_limit where bucket like 'invite:%' order by hits`,
    )
    expect(rows).toEqual([{ hits: 2 }, { hits: 6 }])
  })

  test('and inviting stop where the tenant sent enough for a day, whoever did', async () => {
    await invite('Ada', EMAIL)
    await world.admin.query(`update rate_limit set hits = 2000 where bucket like 'invite.tenant:%'`)
    const byAnn = async () =>
      refusal((await as('Ann')).invitations.create({ lines: [{ email: 'kim@elsewhere.example' }] }))
    expect(await byAnn()).toMatchObject({ code: 'rate_limited' })
    expect(await again()).toMatchObject({ code: 'rate_limited' })
    await invite('Bo', EMAIL, idOf('role B 1'))
    await world.admin.query(`update rate_limit set hits = 1999 where bucket like 'invite.tenant:%'`)
    expect((await byAnn()).message).toBe(WENT)
  })
})

test('what waits for the Owner role is dealt with by who may give it', async () => {
  await invite('Ada', EMAIL, OWNER_ROLE)
  const [ada, ann] = [(await as('Ada')).invitations, (await as('Ann')).invitations]
  const id = (await ada.list({ search: EMAIL })).rows[0]?.id ?? ''
  for (const call of [
    () => ann.revoke({ id }),
    () => ann.resend({ id }),
    () => ann.setRole({ id, roleId: VIEWER_ROLE }),
  ])
    expect(await refusal(call())).toMatchObject({
      code: 'access_denied',
      message: expect.stringMatching(/^Only an owner/) as string,
    })
  await ada.setRole({ id, roleId: VIEWER_ROLE })
  expect(await ann.revoke({ id })).toMatchObject({ id })
})

test('C05 names that break lines or turn their direction are refused, and reach no mail', async () => {
  await world.admin.query(`update user_account set first_name = $2 where id = $1`, [
    userId('Ada'),
    'Ada\u202E\nPay at evil.example',
  ])
  await world.admin.query('update tenant set name = $2 where id = $1', [tenantId('A'), 'Acme\u202E\nRetail'])
  const token = await invite('Ada', EMAIL)
  const { text, subject } = await mailTo(EMAIL)
  expect(subject).toContain('Ada Pay at evil.example')
  expect(text).toMatch(/Ada Pay at evil\.example.* invites you to work in the console of Acme Retail\./)
  expect(subject + text).not.toMatch(/\u202E|Ada\n|Acme\n/)
  const there = await visitor('A')
  for (const firstName of ['Lea\u202Eaeb', 'Lea\nBcc'])
    expect(await refusal(there.accept({ token, ...NEW, firstName }))).toMatchObject({ code: 'ZodError' })
  expect(await there.accept({ token, ...NEW, firstName: 'Léa' })).toMatchObject({ accepted: 1 })
})
