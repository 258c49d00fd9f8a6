import { describe, expect, test } from 'vitest'
import { effectLines } from '@/lib/effects'
import { MASTER_TENANT_ID } from '@/lib/master'
import { idOf } from '@/test/canary'
import { resourceId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { acme, api, events, give, newUser, ownRole, role, useWorld, world } from './users.fixture'

useWorld()

const tom = userId('Tom')
const day = 86_400_000
const inDays = (n: number) => new Date(Date.now() + n * day).toISOString()
const group = `group:${idOf('group A 1')}`

describe('a role in a scope, until a date (D11)', () => {
  test('holds there, in the next request, and is gone after its end', async () => {
    const ada = await api('Ada')
    const operators = await ownRole({ hosts: 'full', users: 'full' })
    const assignments = [
      { roleId: role('viewer') },
      { roleId: operators, scope: group, expiresAt: inDays(7) },
      { roleId: operators, scope: `resource:${resourceId('A db')}` },
      { roleId: operators, scope: 'tag:prod' },
    ]
    const told = await ada.users.previewAssignments({ id: tom, assignments })
    expect(effectLines(told.lines).some((line) => /gains Hosts in group .*: read → full$/.test(line))).toBe(
      true,
    )
    await ada.users.setAssignments({ id: tom, assignments })
    const now = await world.opOf('Tom')
    expect(now.rights).toMatchObject({ hosts: 'full', users: 'read' })
    expect(now.actor?.roles.map(({ scope }) => scope).sort()).toEqual(
      ['', group, `resource:${resourceId('A db')}`, 'tag:prod'].sort(),
    )
    const [row] = (await events(acme, 'user.set_roles')).slice(-1)
    expect(row?.after.effects).toEqual(effectLines(told.lines))

    const shown = (await ada.users.get({ id: tom })).assignments
    expect(
      shown.map(({ ended, scopeWords }) => [ended, scopeWords.split(' ').slice(0, 2).join(' ')]),
    ).toEqual(
      expect.arrayContaining([
        [false, ''],
        [false, 'in group'],
        [false, 'in resource'],
        [false, 'in tag'],
      ]),
    )
    await world.admin.query(
      `update role_assignment set expires_at = now() - interval '1 minute' where user_id = $1 and scope <> ''`,
      [tom],
    )
    expect((await world.opOf('Tom')).rights.hosts).toBe('read')
    const ended = await ada.users.get({ id: tom })
    expect(ended.roles.map(({ name }) => name)).toEqual(['Viewer'])
    expect(ended.assignments.filter((one) => one.ended).length).toBe(3)
  })

  test('is given only by who holds it there, to places they see', async () => {
    const users = await ownRole({ users: 'full' })
    const hosts = await ownRole({ hosts: 'full' })
    await world.admin.query('delete from role_assignment where user_id = $1', [userId('Eve')])
    await give('Eve', users)
    await world.admin.query(
      'insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4)',
      [acme, userId('Eve'), hosts, group],
    )
    const eve = await api('Eve')
    const nora = { id: userId('Nora') }
    expect(
      await refusal(eve.users.setAssignments({ ...nora, assignments: [{ roleId: hosts }] })),
    ).toMatchObject({ code: 'access_denied' })
    expect(
      await refusal(
        eve.users.setAssignments({
          ...nora,
          assignments: [{ roleId: hosts, scope: `group:${idOf('group A 2')}` }],
        }),
      ),
    ).toMatchObject({ code: 'access_denied' })
    await eve.users.setAssignments({ ...nora, assignments: [{ roleId: hosts, scope: group }] })
    const ada = await api('Ada')
    for (const scope of [
      `group:${idOf('group B 1')}`,
      `resource:${resourceId('B web')}`,
      `resource:${idOf('group A 1')}`,
      `cloud:${resourceId('A web')}`,
      `group:${idOf('never')}`,
    ])
      expect([
        scope,
        (await refusal(ada.users.setAssignments({ ...nora, assignments: [{ roleId: hosts, scope }] }))).code,
      ]).toEqual([scope, 'not_found'])
    for (const scope of ['all', 'group:x', 'tag:', "tag:'"])
      expect([
        scope,
        (await refusal(ada.users.setAssignments({ ...nora, assignments: [{ roleId: hosts, scope }] }))).code,
      ]).toEqual([scope, 'invalid_input'])
    expect(
      await refusal(
        ada.users.setAssignments({ ...nora, assignments: [{ roleId: hosts, expiresAt: inDays(-1) }] }),
      ),
    ).toMatchObject({ code: 'invalid_input' })
  })

  test('what is held is kept by who may not give it; longer is given anew', async () => {
    const users = await ownRole({ users: 'full', hosts: 'read' })
    const hosts = await ownRole({ hosts: 'full' })
    await world.admin.query('delete from role_assignment where user_id = any ($1)', [[userId('Eve'), tom]])
    await give('Eve', users)
    const eve = await api('Eve')
    const ada = await api('Ada')
    const until = inDays(3)
    await ada.users.setAssignments({
      id: tom,
      assignments: [{ roleId: hosts, scope: group, expiresAt: until }],
    })
    // Eve may not change somebody who may do more than she
    const keep = { id: tom, assignments: [{ roleId: hosts, scope: group, expiresAt: until }] }
    expect(await refusal(eve.users.setAssignments(keep))).toMatchObject({
      message: 'This person may do more than you may',
    })
    await ada.users.setAssignments(keep)
    await ada.users.setAssignments({
      id: tom,
      assignments: [{ roleId: hosts, scope: group, expiresAt: inDays(9) }],
    })
  })

  test('naming a role that is held in a scope does not widen it', async () => {
    const ada = await api('Ada')
    const hosts = await ownRole({ hosts: 'full' })
    await ada.users.setAssignments({ id: tom, assignments: [{ roleId: hosts, scope: group }] })
    await ada.users.setRoles({ id: tom, roleIds: [hosts, role('viewer')] })
    expect((await ada.users.get({ id: tom })).assignments.map(({ scope }) => scope).sort()).toEqual(
      ['', group].sort(),
    )
  })

  test('an owner is one in the whole tenant and for good, and the last stays', async () => {
    const [ada, mara] = [await api('Ada'), await api('Mara')]
    for (const more of [{ scope: group }, { expiresAt: inDays(2) }])
      expect(
        await refusal(
          ada.users.setAssignments({ id: tom, assignments: [{ roleId: role('owner'), ...more }] }),
        ),
      ).toMatchObject({ code: 'invalid_input' })
    await world.admin.query(`delete from role_assignment where user_id = $1`, [userId('Exa')])
    const last = { tenantId: acme, id: userId('Ada'), assignments: [{ roleId: role('viewer') }] }
    expect(await refusal(mara.tenantUsers.setAssignments(last))).toMatchObject({ code: 'conflict' })
    expect(
      await refusal(
        ada.users.setAssignments({ id: userId('Ada'), assignments: [{ roleId: role('viewer') }] }),
      ),
    ).toMatchObject({ message: 'Nobody changes their own roles' })
    await mara.tenantUsers.setAssignments({
      tenantId: acme,
      id: tom,
      assignments: [{ roleId: role('admin'), scope: group }],
    })
  })

  test('comes with a new user, too', async () => {
    const ada = await api('Ada')
    const hosts = await ownRole({ hosts: 'full' })
    const { id } = await ada.users.create(
      newUser({ roleIds: undefined, assignments: [{ roleId: hosts, scope: group }] }),
    )
    expect((await ada.users.get({ id })).assignments).toMatchObject([{ roleId: hosts, scope: group }])
    expect(
      await refusal(ada.users.create(newUser({ username: 'nobody', roleIds: undefined }))),
    ).toMatchObject({
      roleIds: 'Choose a role',
    })
  })

  test('of a new user is told before: the same lines stand in the log after (D14)', async () => {
    const ada = await api('Ada')
    const hosts = await ownRole({ hosts: 'full' })
    const assignments = [{ roleId: hosts, scope: group }, { roleId: role('viewer') }]
    const people = { own: ada.users, provided: (await api('Mara')).tenantUsers }
    const before = await world.state(['audit_event', 'audit_seal', 'rate_limit'])
    const { lines } = await people.own.previewCreate({ firstName: 'Uma', lastName: 'New', assignments })
    expect(effectLines(lines)).toContain('Acme: Uma New gains Networks: none → read')
    expect(
      effectLines(lines).some((line) => /Uma New gains Hosts in group .*: none → full$/.test(line)),
    ).toBe(true)
    const named = await people.provided.previewCreate({ tenantId: acme, username: 'UMA', assignments })
    expect(effectLines(named.lines)).toContain('Acme: uma gains Networks: none → read')
    const nameless = await people.own.previewCreate({ assignments })
    expect(effectLines(nameless.lines)[0]).toMatch(/^Acme: The new user gains /)
    expect(await world.state(['audit_event', 'audit_seal', 'rate_limit'])).toEqual(before)

    const user = newUser({ roleIds: undefined, assignments })
    await people.own.create(user)
    expect((await events(acme, 'user.create')).at(-1)?.after).toMatchObject({ effects: effectLines(lines) })
    await people.provided.create({ ...user, tenantId: acme, username: 'uma2', firstName: '', lastName: '' })
    for (const log of [acme, MASTER_TENANT_ID])
      expect((await events(log, 'user.create')).at(-1)?.after.effects).toEqual(
        effectLines(named.lines).map((line) => line.replace('uma', 'uma2')),
      )
    // What could not be given is not told either.
    const owner = { assignments: [{ roleId: role('owner') }] }
    expect(await refusal((await api('Ann')).users.previewCreate(owner))).toMatchObject(
      await refusal(
        (await api('Ann')).users.create(newUser({ username: 'x', roleIds: undefined, ...owner })),
      ),
    )
    expect(await refusal((await api('Tom')).users.previewCreate({ assignments }))).toMatchObject({
      code: 'access_denied',
    })
  })
})
