import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import type { PersonName, TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, MATRIX_CHANGE, resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { doneAs } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Rows that somebody makes as their own, as they may and as they may not: each condition of the policies of INSERT once. A refusal
// is the policy's (42501), also where a CHECK or a key would refuse the row after it.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const id = (label: string) => `'${resourceId(label)}'`
const person = (name: PersonName) => `'${userId(name)}'`
const NEW = `'${idOf('a new row')}'`
const NO = '42501'

const insert = (table: string, row: Record<string, string>) =>
  `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).join(', ')})`
const grant = (owner: TenantKey, label: string) =>
  insert('access_grant', {
    id: NEW,
    resource_id: id(label),
    kind: `'host'`,
    name: `'x'`,
    owner_id: to(owner),
    tenant_id: to('N'),
    role: `'viewer'`,
  })
const grantAll = (owner: TenantKey) =>
  insert('access_grant_all', { owner_id: to(owner), tenant_id: to('N'), kind: `'host'`, role: `'viewer'` })
const task = (tenant: TenantKey, by: PersonName) =>
  insert('background_task', {
    id: NEW,
    tenant_id: to(tenant),
    kind: `'x'`,
    title: `'x'`,
    created_by: person(by),
  })
const token = (uses: number) =>
  insert('enrolment_token', {
    id: NEW,
    tenant_id: to('A'),
    name: `'x'`,
    token_hash: `'\\x01'`,
    uses: `${uses}`,
    expires_at: 'now()',
  })
const change = (tenant: TenantKey) =>
  insert('matrix_change', {
    id: NEW,
    tenant_id: to(tenant),
    created_by_name: `'x'`,
    changed: '1',
    lines: `'[]'`,
    states: `'[]'`,
  })
const member = (tenant: TenantKey, name: PersonName) =>
  insert('membership', { id: NEW, tenant_id: to(tenant), user_id: person(name) })
const thing = (owner: TenantKey, assigned: TenantKey, more: Record<string, string> = {}) =>
  insert('resource', {
    id: NEW,
    kind: `'host'`,
    name: `'x'`,
    owner_id: to(owner),
    assigned_id: to(assigned),
    ...more,
  })
const inGroup = (tenant: TenantKey, label: string) =>
  insert('resource_group_member', {
    tenant_id: to(tenant),
    group_id: `'${idOf(`group ${tenant} 1`)}'`,
    resource_id: id(label),
  })
const tag = (tenant: TenantKey, label: string) =>
  insert('resource_tag', { tenant_id: to(tenant), resource_id: id(label), tag: `'new'` })
const link = (label: string, target: string) =>
  insert('resource_link', { resource_id: id(label), field: `'x'`, target_id: id(target) })
const tenant = (more: Record<string, string> = {}) =>
  insert('tenant', {
    id: NEW,
    slug: `'brand-new'`,
    name: `'x'`,
    tenant_role_id: `'${CUSTOMER_ROLE}'`,
    ...more,
  })
const cloud = (key: TenantKey, label: string) =>
  insert('tenant_cloud', { tenant_id: to(key), cloud_id: id(label) })
const user = (home: TenantKey, parent = false) =>
  insert('user_account', {
    id: NEW,
    home_tenant_id: to(home),
    username: `'new'`,
    email: `'x'`,
    parent_level: `${parent}`,
  })
const role = (key: TenantKey, template = 'null') =>
  insert('user_role', { id: NEW, tenant_id: to(key), name: `'new'`, template_id: template })
const give = (key: TenantKey, name: PersonName, which: string) =>
  insert('role_assignment', { id: NEW, tenant_id: to(key), user_id: person(name), role_id: `'${which}'` })

const TOM_LEFT = `delete from membership where user_id = ${person('Tom')}`
const CLOUD_FOR_A = `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id)
  values (${id('cloud for A')}, 'cloud', 'x', ${to('M')}, ${to('A')}, ${id('cloud for A')})`
const IN_IT = { cloud_id: id('cloud for A') }
const PUBLIC = { visibility: `'public'` }

type Try = [who: TenantKey, what: string, statement: string, outcome: number | string, ...changes: string[]]

describe('rows that somebody makes as their own', () => {
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
  const done = (
    who: TenantKey,
    statement: string,
    changes: string[] = [],
    more: Partial<ContextClaims> = {},
    role: 'tenant' | 'master' = who === 'M' ? 'master' : 'tenant',
  ) => doneAs(world, role, wall.sign(who, { userId: userId('Ada'), ...more }), statement, changes)

  it.each<Try>([
    ['B', 'shares its own', grant('B', 'B web'), 1],
    ['A', 'shares its own where its cap says no', grant('A', 'A web'), NO],
    ['B', 'shares the provider’s', grant('M', 'master private'), NO],
    ['M', 'shares its own', grant('M', 'master private'), 1],
    ['M', 'shares Bolt’s', grant('B', 'B web'), NO],
    ['M', 'grants all of a kind', grantAll('M'), 1],
    ['M', 'grants all of Acme’s', grantAll('A'), NO],
    ['A', 'asks for a task', task('A', 'Ada'), 1],
    ['A', 'asks for one as somebody else', task('A', 'Tom'), NO],
    ['A', 'asks for one elsewhere', task('B', 'Ada'), NO],
    ['A', 'makes an unused token', token(0), 1],
    ['A', 'makes a used one', token(1), NO],
    ['M', 'changes the matrix', change('M'), 1],
    ['A', 'has its people as members', member('A', 'Tom'), 1, TOM_LEFT],
    ['A', 'has them elsewhere', member('B', 'Tom'), NO],
    ['A', 'has other people', member('A', 'Bo'), NO],
    ['A', 'has a private thing', thing('A', 'A'), 1],
    ['A', 'has a public one', thing('A', 'A', PUBLIC), NO],
    ['A', 'assigns what it makes', thing('A', 'B'), NO],
    ['A', 'makes one of Bolt’s', thing('B', 'B'), NO],
    ['A', 'makes one of the provider’s for itself', thing('M', 'A'), NO],
    ['M', 'has a public thing', thing('M', 'M', PUBLIC), 1],
    ['M', 'makes one that is assigned', thing('M', 'A'), NO],
    ['M', 'makes one in a cloud for Acme, for Acme', thing('M', 'A', IN_IT), 1, CLOUD_FOR_A],
    ['M', 'makes one in a cloud for Acme, for itself', thing('M', 'M', IN_IT), NO, CLOUD_FOR_A],
    ['M', 'makes one of Acme’s', thing('A', 'A'), NO],
    ['A', 'groups what it sees', inGroup('A', 'public'), 1],
    ['A', 'groups what it does not see', inGroup('A', 'B web'), NO],
    ['A', 'groups what it sees in another’s group', inGroup('B', 'public'), NO],
    ['A', 'tags what it sees', tag('A', 'granted A'), 1],
    ['A', 'tags what it does not see', tag('A', 'B web'), NO],
    ['A', 'tags what it sees for another', tag('B', 'public'), NO],
    ['A', 'links its own to what it sees', link('A web', 'public'), 1],
    ['A', 'links another’s', link('public', 'A web'), NO],
    ['A', 'links its own to another’s', link('A web', 'B web'), NO],
    ['M', 'makes a tenant', tenant(), 1],
    ['M', 'makes itself once more', tenant({ id: to('M') }), NO],
    ['M', 'makes a tenant that is closed', tenant({ status: `'disabled'` }), NO],
    ['N', 'adds a cloud that it is offered', cloud('N', 'public cloud'), 1],
    ['N', 'adds one that it is not offered', cloud('N', 'second public cloud'), NO],
    ['N', 'adds one to another tenant', cloud('B', 'public cloud'), NO],
    ['A', 'has an account', user('A'), 1],
    ['A', 'has one at home elsewhere', user('B'), NO],
    ['M', 'has an account', user('M'), 1],
    ['M', 'has one over all tenants', user('M', true), NO],
    ['A', 'has a role', role('A'), 1],
    ['A', 'has a copy of a template', role('A', `'${VIEWER_ROLE}'`), 1],
    ['A', 'has a copy of what is none', role('A', `'${idOf('role A 1')}'`), NO],
    ['A', 'makes a role of Bolt’s', role('B'), NO],
    ['A', 'gives its role', give('A', 'Tom', idOf('role A 1')), 1],
    ['A', 'gives a template', give('A', 'Nora', VIEWER_ROLE), 1],
    ['A', 'gives Bolt’s role', give('A', 'Tom', idOf('role B 1')), NO],
    ['A', 'gives a role elsewhere', give('B', 'Bo', VIEWER_ROLE), NO],
  ])('K02 %s %s', async (who, _what, statement, outcome, ...changes) => {
    expect(await done(who, statement, changes)).toBe(outcome)
  })

  it('K02 a subtenant that got the master’s role makes none of the master’s kinds, not even its own', async () => {
    for (const statement of [
      change('A'),
      grantAll('A'),
      thing('A', 'A'),
      tenant(),
      grantAll('M'),
      change('M'),
    ])
      expect(await done('A', statement, [], {}, 'master'), statement).toBe(NO)
  })

  it('K02 a change of the matrix is undone once, and then only', async () => {
    const undo = (set: string, ...changes: string[]) =>
      done('M', `update matrix_change set ${set} where id = '${MATRIX_CHANGE}'`, changes)
    expect(await undo('undone_at = now()')).toBe(1)
    expect(await undo('undone_at = now()', `update matrix_change set undone_at = now()`)).toBe(0)
    expect(await undo(`undone_by_name = 'x'`)).toBe(NO)
  })

  it.each(['session', 'enrolment_token'])('C11 %s: ended, and not opened again', async (table) => {
    const set = (value: string) =>
      done('A', `update ${table} set revoked_at = ${value} where tenant_id = ${to('A')}`)
    expect(await set('now()')).toBeGreaterThan(1)
    expect(await set('null')).toBe(NO)
  })
})
