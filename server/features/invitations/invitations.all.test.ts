import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import type { Levels } from '@/lib/permissions'
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

const EMAIL = 'lea@elsewhere.example'
const [acme, bolt] = [tenantId('A'), tenantId('B')]
const SUPER_ADMIN = '00000000-0000-4000-8000-000000000201'
const OWNER = '00000000-0000-4000-8000-000000000203'
const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await world.admin.query(text, values)).rows as Row[]
const all = async (name: 'Mara' | 'Sam' = 'Mara') => (await as(name)).allInvitations
const list = async (input = {}) => (await (await all()).list({ search: EMAIL, ...input })).rows
const waiting = async () =>
  (await list({ status: ['pending'] }))
    .map(({ tenant, givesRole }) => `${tenant.name}: ${givesRole}`)
    .toSorted()
const logs = (event: string) =>
  sql<{ slug: string; actor: string; target_name: string; before: object; after: Record<string, unknown> }>(
    `select t.slug, e.actor_name as actor, e.target_name, e.before, e.after from audit_event e join tenant t on t.id = e.tenant_id
     where event = $1 and result = 'ok' order by e.at, t.slug`,
    [event],
  )
/** A role of the master with these rights, which Sam holds from now on. */
async function giveSam(levels: Levels): Promise<string> {
  const [own] = await sql<{ id: string }>(
    'insert into user_role (tenant_id, name, levels) values ($1, $2, $3) returning id',
    [MASTER_TENANT_ID, `Sam's ${JSON.stringify(levels)}`, JSON.stringify(levels)],
  )
  await sql('update role_assignment set role_id = $1 where user_id = $2', [own?.id, userId('Sam')])
  return own?.id ?? ''
}
const intoBoth = async () => {
  await (
    await as('Mara')
  ).tenantInvitations.createMany({ tenantIds: [acme, bolt], lines: [{ email: EMAIL }] })
  return (await list()).map(({ id }) => id)
}

describe('the list of all invitations', () => {
  test('has those of every tenant that is not deleted, with level, tenant, role and what became of them', async () => {
    const { rows, total } = await (await all('Sam')).list({})
    expect(rows.map(({ tenant, level }) => `${tenant.name} ${level}`).toSorted()).toEqual([
      'Acme tenant',
      'Acme tenant',
      'Bolt tenant',
      'Bolt tenant',
      'Closed tenant',
      'Freehold MSP parent',
    ])
    expect(total).toBe(6)
    const own = rows.find(({ level }) => level === 'parent')
    expect(own).toMatchObject({ givesRole: 'Support', role: { id: null }, status: 'pending', sends: 1 })
    expect(JSON.stringify(rows)).not.toMatch(/hash|token/i)
  })

  test('is the master’s alone, with the right to see tenants’ people', async () => {
    expect(await refusal((await as('Ada')).allInvitations.list({}))).toMatchObject({ code: 'access_denied' })
    await giveSam({ users: 'full' })
    expect(await refusal((await all('Sam')).list({}))).toMatchObject({ code: 'access_denied' })
    await giveSam({ tenantUsers: 'read' })
    expect((await (await all('Sam')).list({})).total).toBe(6)
  })

  test('is narrowed by address, status, level and tenant, and paged both ways', async () => {
    await sql(`update invitation set expires_at = now() - interval '1 second' where id = $1`, [
      idOf('invitation A'),
    ])
    const mara = await all()
    const tenants = async (input: object) =>
      (await mara.list(input)).rows.map(({ tenant }) => tenant.name).toSorted()
    expect(await tenants({ status: ['expired'] })).toEqual(['Acme'])
    expect(await tenants({ status: ['expired', 'accepted'] })).toEqual(['Acme'])
    expect(await tenants({ levels: ['parent'] })).toEqual(['Freehold MSP'])
    expect(await tenants({ tenantId: bolt })).toEqual(['Bolt', 'Bolt'])
    expect(await tenants({ search: 'SECOND-' })).toEqual(['Bolt'])
    expect(await tenants({ search: '%' })).toEqual([])
    expect(await refusal(mara.list({ tenantId: idOf('nothing') }))).toMatchObject({ code: 'not_found' })
    const [first, whole] = [await mara.list({ limit: 4 }), await mara.list({})]
    const second = await mara.list({ limit: 4, cursor: first.nextCursor })
    expect([...first.rows, ...second.rows]).toEqual(whole.rows)
    expect(second).toMatchObject({ from: 4, total: 6 })
    expect((await mara.list({ limit: 4, cursor: second.prevCursor })).rows).toEqual(first.rows)
    expect(await refusal(mara.list({ status: ['pending'], cursor: first.nextCursor }))).toMatchObject({
      code: 'invalid_input',
    })
  })

  test('forgets with 90 days, and names the default role as it is now', async () => {
    await sql(`update invitation set created_at = now() - interval '91 days' where tenant_id = $1`, [bolt])
    const { rows } = await (await all()).list({})
    expect(rows.map(({ tenant }) => tenant.name)).not.toContain('Bolt')
    const inAcme = async () => (await (await all()).list({ tenantId: acme })).rows[0]?.givesRole
    expect(await inAcme()).toBe('Viewer')
    await (await as('Mara')).tenantInvitations.setDefaultRole({ tenantId: acme, roleId: OWNER })
    expect(await inAcme()).toBe('Owner')
    await sql('update invitation set gives_role_id = gen_random_uuid() where tenant_id = $1', [acme])
    expect(await inAcme()).toBeNull()
  })
})

describe('inviting into many tenants', () => {
  test('with a role by its name, as each tenant has it', async () => {
    await sql(
      `insert into user_role (tenant_id, name, levels, template_id) select $1, 'Viewer', levels, id from user_role where id = $2`,
      [acme, VIEWER_ROLE],
    )
    const mara = (await as('Mara')).tenantInvitations
    const answer = await mara.createMany({
      tenantIds: [acme, bolt],
      role: 'viewer',
      lines: [{ email: EMAIL }, { email: 'kim@elsewhere.example', role: 'Nobody' }],
    })
    expect(answer).toMatchObject({ invited: 2, mailed: false })
    for (const { lines } of answer.tenants)
      expect(lines.map(({ message }) => message)).toEqual(['Invited', 'There is no role called Nobody'])
    const roles = await sql<{ slug: string; own: boolean }>(
      `select t.slug, r.tenant_id = t.id as own from invitation i join tenant t on t.id = i.tenant_id join user_role r on r.id = i.gives_role_id
       where i.email = $1 order by 1`,
      [EMAIL],
    )
    expect(roles).toEqual([
      { slug: 'acme', own: true }, // edited there
      { slug: 'bolt', own: false },
    ])
    expect((await mailTo(EMAIL)).subject).toMatch(/Bolt$/)
  })

  test('one that is deleted stops everything; a day has room for 1000 mails, whatever the size of the calls', async () => {
    const mara = (await as('Mara')).tenantInvitations
    const lines = (n: number, name: string) =>
      Array.from({ length: n }, (_, i) => ({ email: `${name}${i}@x.example` }))
    const ended = mara.createMany({ tenantIds: [tenantId('E')], lines: lines(1, 'x') })
    expect((await refusal(ended)).code).toBe('conflict')
    const five = [acme, bolt, tenantId('C'), tenantId('N'), tenantId('E')]
    const [sixth] = await sql<{ id: string }>(
      `insert into tenant select x.* from tenant t, jsonb_populate_record(null::tenant, to_jsonb(t)
         || jsonb_build_object('id', gen_random_uuid(), 'slug', 'sixth', 'name', 'Sixth', 'number', 99)) x where t.slug = 'newco' returning id`,
    )
    const many = (tenantIds: string[]) => refusal(mara.createMany({ tenantIds, lines: lines(200, 'x') }))
    expect((await many([...five, sixth?.id ?? ''])).lines).toMatch(/^These are 1200 invitations/)
    expect(await many(five)).toMatchObject({ code: 'rate_limited' }) // 1000, and the one above
    await mara.createMany({ tenantIds: [acme, bolt], lines: lines(200, 'a') }) // 400
    for (let i = 0; i < 9; i++) await mara.create({ tenantId: acme, lines: lines(1, `s${i}-`) }) // and one by one
    await mara.createMany({ tenantIds: [acme, bolt], lines: lines(200, 'b') }) // 810 with the one above
    const more = (n: number) => refusal(mara.create({ tenantId: acme, lines: lines(n, 'c') }))
    expect(await more(200)).toMatchObject({ code: 'rate_limited' })
    expect((await more(190)).message).toBe('Error: it went through') // what was refused counted for nothing
  }, 60_000)
})

describe('inviting into the master', () => {
  test('makes people who reach every tenant: it takes both rights, as raising them does', async () => {
    const own = await giveSam({ users: 'full' })
    const sam = async () => (await as('Sam')).invitations
    const [id] = [(await invite('Mara', EMAIL)) && ((await list())[0]?.id ?? '')]
    await sql('update invitation set gives_role_id = $2 where id = $1', [id, own])
    const calls = [
      async () => (await sam()).create({ lines: [{ email: 'kim@x.example' }], roleId: own }),
      async () => (await sam()).setRole({ id, roleId: own }),
      async () => (await sam()).setDefaultRole({ roleId: own }),
      async () => (await sam()).revoke({ id }),
    ]
    for (const call of [...calls, async () => (await sam()).resend({ id })])
      expect(await refusal(call())).toMatchObject({
        code: 'access_denied',
        message: 'Your role may see people, not change them',
      })
    expect((await (await sam()).list({})).can).toEqual({ manage: false })
    await sql(`update user_role set levels = levels || '{"tenantUsers":"full"}' where id = $1`, [own])
    for (const call of calls) expect((await refusal(call())).message).toBe('Error: it went through')
  })
})

describe('raising', () => {
  test('what waits for the Owner role is taken back with “Manage multi-tenancy” only', async () => {
    await invite('Ada', EMAIL, OWNER)
    const ids = (await list()).map(({ id }) => id)
    const own = await giveSam({ tenantUsers: 'full', users: 'full' })
    const raise = async () => refusal((await all('Sam')).raise({ ids, roleId: own }))
    const OWNERS = /^Only an owner, or the provider/
    expect((await raise()).message).toMatch(OWNERS)
    const revoke = (await as('Sam')).tenantInvitations.revoke({ tenantId: acme, id: ids[0] ?? '' })
    expect((await refusal(revoke)).message).toMatch(OWNERS)
    expect(await waiting()).toEqual(['Acme: Owner'])
    await sql(`update user_role set levels = levels || '{"tenants":"full"}' where id = $1`, [own])
    expect((await raise()).message).toBe('Error: it went through')
  })

  test('Lea, invited into Acme and Bolt, is invited at parent level instead: one transaction, each log of itself', async () => {
    const ids = await intoBoth()
    const old = await mailTo(EMAIL)
    expect(await (await all()).raise({ ids })).toEqual({ email: EMAIL, takenBack: 2 })
    expect(await waiting()).toEqual(['Freehold MSP: Support'])
    const rows = await logs('invitation.level')
    expect(rows.map(({ slug, target_name, before }) => [slug, target_name, before]).toSorted()).toEqual(
      ['default', 'acme', 'bolt'].map((slug) => [slug, EMAIL, { level: 'tenant' }]).toSorted(),
    )
    for (const { slug, after } of rows) {
      expect(after).toMatchObject({ level: 'parent', role: 'Support' })
      const lines = [
        `Acme: ${EMAIL} loses the invitation as Viewer`,
        `Bolt: ${EMAIL} loses the invitation as Viewer`,
      ]
      expect((after.effects as string[]).toSorted()).toEqual(
        slug === 'default' ? lines : lines.filter((line) => line.toLowerCase().startsWith(slug)),
      )
    }
    expect((await verifyEveryChain()).filter(({ brokenAt }) => brokenAt !== null)).toEqual([])
    // the links of before are worth nothing; the new one makes a parent-level user
    expect(await refusal((await visitor('B')).look({ token: old.token }))).toMatchObject({
      code: 'access_denied',
    })
    const { token } = await mailTo(EMAIL)
    expect(await (await visitor('M')).accept({ token, ...NEW })).toMatchObject({ accepted: 1 })
    const made = await sql(
      'select home_tenant_id as home, parent_level as parent from user_account where email = $1',
      [EMAIL],
    )
    expect(made).toEqual([{ home: MASTER_TENANT_ID, parent: true }])
  })

  test('takes back only the chosen ones', async () => {
    await intoBoth()
    const [inBolt] = await list({ tenantId: bolt })
    await (await all()).raise({ ids: [inBolt?.id ?? ''] })
    expect(await waiting()).toEqual(['Acme: Viewer', 'Freehold MSP: Support'])
    const slugs = (await logs('invitation.level')).map(({ slug }) => slug)
    expect(slugs.toSorted()).toEqual(['bolt', 'default'])
  })

  test('needs both rights, and no role beyond what one holds; nothing happens else', async () => {
    const ids = await intoBoth()
    const bySam = async (roleId?: string) => refusal((await all('Sam')).raise({ ids, roleId }))
    await giveSam({ users: 'full' })
    expect(await bySam()).toMatchObject({ code: 'access_denied' })
    await giveSam({ tenantUsers: 'full', users: 'read' })
    expect(await bySam()).toMatchObject({
      message: 'Your role may not change the users of the master tenant',
    })
    const own = await giveSam({ tenantUsers: 'full', users: 'full' })
    expect(await bySam(SUPER_ADMIN)).toMatchObject({ code: 'access_denied' })
    expect((await bySam(SUPER_ADMIN)).roleId).toBeTruthy()
    expect(await bySam()).toMatchObject({ code: 'access_denied' }) // the default role is more, too
    expect(await bySam(VIEWER_ROLE)).toMatchObject({ code: 'not_found' }) // none of the master's
    expect(await waiting()).toEqual(['Acme: Viewer', 'Bolt: Viewer'])
    expect((await bySam(own)).message).toBe('Error: it went through')
    expect(await waiting()).toHaveLength(1)
  })

  test('is of one address, of what waits still, and of subtenants’ invitations', async () => {
    const ids = await intoBoth()
    const mara = await all()
    expect(await refusal(mara.raise({ ids: [...ids, idOf('invitation A')] }))).toMatchObject({
      ids: 'Choose invitations of one address',
    })
    expect(await refusal(mara.raise({ ids: [idOf('invitation M')] }))).toMatchObject({
      ids: 'This is at parent level already',
    })
    for (const id of [idOf('nothing'), idOf('invitation E')])
      expect(await refusal(mara.raise({ ids: [...ids, id] }))).toMatchObject({ code: 'not_found' })
    await (
      await as('Mara')
    ).tenantInvitations.revoke({ tenantId: acme, id: (await list({ tenantId: acme }))[0]?.id ?? '' })
    expect(await refusal(mara.raise({ ids }))).toMatchObject({ code: 'conflict' })
    expect(await waiting()).toEqual(['Bolt: Viewer'])
    await invite('Mara', EMAIL)
    const inBolt = (await list({ tenantId: bolt })).map(({ id }) => id)
    expect(await refusal(mara.raise({ ids: inBolt }))).toMatchObject({
      message: expect.stringMatching(/^This address is invited at parent level already/),
    })
    await sql(`update invitation set expires_at = now() - interval '1 second' where tenant_id = $1`, [
      MASTER_TENANT_ID,
    ])
    expect(await mara.raise({ ids: inBolt })).toMatchObject({ takenBack: 1 }) // the one that ran out makes room
  })

  test('somebody of the master is not invited into it', async () => {
    const [sam] = await sql<{ email: string }>(
      'select lower(email) as email from user_account where id = $1',
      [userId('Sam')],
    )
    const email = sam?.email ?? ''
    await (await as('Mara')).tenantInvitations.create({ tenantId: acme, lines: [{ email }] })
    const [row] = (await (await all()).list({ search: email })).rows
    expect(await refusal((await all()).raise({ ids: [row?.id ?? ''] }))).toMatchObject({
      message: 'Somebody of the master tenant has this address already',
    })
  })
})

describe('lowering', () => {
  const raised = async () => {
    await invite('Mara', EMAIL)
    return (await list())[0]?.id ?? ''
  }

  test('Lea, invited at parent level, is invited into the chosen tenants instead', async () => {
    const id = await raised()
    const old = (await mailTo(EMAIL)).token
    const answer = await (await all()).lower({ id, tenantIds: [acme, bolt], role: 'Editor' })
    expect(answer).toMatchObject({
      email: EMAIL,
      takenBack: true,
      mailed: false,
      tenants: [{ name: 'Acme' }, { name: 'Bolt' }],
    })
    expect(await waiting()).toEqual(['Acme: Editor', 'Bolt: Editor'])
    expect((await logs('invitation.level')).map(({ slug }) => slug).toSorted()).toEqual([
      'acme',
      'bolt',
      'default',
      'default',
      'default',
    ])
    expect(await refusal((await visitor('M')).look({ token: old }))).toMatchObject({ code: 'access_denied' })
    const { token } = await mailTo(EMAIL)
    expect(await (await visitor('B')).accept({ token, ...NEW })).toMatchObject({ accepted: 2 })
    const made = await sql('select parent_level as parent from user_account where email = $1', [EMAIL])
    expect(made).toEqual([{ parent: false }])
  })

  test('needs both rights, and takes nothing back where nobody could be invited', async () => {
    const id = await raised()
    const bySam = async (role = '') => refusal((await all('Sam')).lower({ id, tenantIds: [acme], role }))
    await giveSam({ tenantUsers: 'full', users: 'read' })
    expect(await bySam()).toMatchObject({
      message: 'Your role may not change the users of the master tenant',
    })
    await giveSam({ users: 'full' })
    expect(await bySam()).toMatchObject({ code: 'access_denied' })
    const own = await giveSam({ tenantUsers: 'full', users: 'full' })
    await sql('update invitation set gives_role_id = $2 where id = $1', [id, own])
    expect(await bySam('Owner')).toMatchObject({ code: 'conflict', message: expect.stringMatching(/owner/i) })
    expect(await bySam('King')).toMatchObject({ message: 'There is no role called King' })
    // What waits for more than Sam holds is none of his to take back
    await sql('update invitation set gives_role_id = null where id = $1', [id])
    expect((await bySam('Viewer')).message).toMatch(/^This role may do more than you may/)
    expect(await waiting()).toEqual(['Freehold MSP: Support'])
    await sql('update invitation set gives_role_id = $2 where id = $1', [id, own])
    expect((await bySam('Viewer')).message).toBe('Error: it went through')
    expect(await waiting()).toEqual(['Acme: Viewer'])
  })

  test('is of what waits at parent level, into tenants that are there', async () => {
    const id = await raised()
    const mara = await all()
    const lower = (one: string, ...tenantIds: string[]) => refusal(mara.lower({ id: one, tenantIds }))
    expect(await lower(idOf('invitation A'), acme)).toMatchObject({ id: 'This is at tenant level already' })
    expect(await lower(idOf('nothing'), acme)).toMatchObject({ code: 'not_found' })
    expect(await lower(id, acme, idOf('nothing'))).toMatchObject({ code: 'not_found' })
    expect((await lower(id, MASTER_TENANT_ID)).tenantId).toBeTruthy()
    expect((await lower(id, tenantId('E'))).code).toBe('conflict')
    expect(await waiting()).toEqual(['Freehold MSP: Support'])
    await (await as('Mara')).invitations.revoke({ id })
    expect(await lower(id, acme)).toMatchObject({ code: 'conflict' })
    expect(await waiting()).toEqual([])
  })
})

test('who may invite at which level is told, and which roles every tenant has', async () => {
  const options = await (await all()).options()
  expect(options.can).toEqual({ tenant: true, parent: true })
  expect(options.roles.slice(0, 4).map(({ name, can }) => [name, can.grant])).toEqual([
    ['Owner', true],
    ['Admin', true],
    ['Editor', true],
    ['Viewer', true],
  ])
  await giveSam({ tenantUsers: 'full' })
  const sam = await (await all('Sam')).options()
  expect(sam.can).toEqual({ tenant: true, parent: false })
  expect(sam.roles.find(({ name }) => name === 'Owner')?.can.grant).toBe(false)
  await giveSam({ tenantUsers: 'read' })
  expect((await (await all('Sam')).options()).why).toEqual({
    tenant: 'Your role may see people, not change them',
    parent: 'Your role may see people, not change them',
  })
})
