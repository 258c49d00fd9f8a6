import { describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { Levels } from '@/lib/permissions'
import type { Gate } from '@/server/authz/gate'
import { type HeldRole, reachOf } from '@/server/authz/reach'
import { effectiveRights } from '@/server/authz/rights'
import type { SignedInOp } from '@/server/context/op'
import { assertMay, mayAnswer, mayGive } from '@/server/features/grants/grants.policy'
import { abilities, mayMake, reachesFully } from '@/server/features/resources/resources.policy'
import * as roles from '@/server/features/roles/roles.policy'
import type { RoleRecord } from '@/server/features/roles/roles.repo'
import type { RolesOf } from '@/server/features/roles/roles.scope'
import { toggleRefusal } from '@/server/features/settings/settings.policy'
import { handOffTarget, signInTarget } from '@/server/features/sign-in/sign-in.policy'
import * as tenants from '@/server/features/tenants/tenants.policy'
import * as users from '@/server/features/users/users.policy'
import { type AppError } from '@/server/platform/errors'

// The policies of the features, each refusal with what is allowed beside it: pure, so that a guard that is gone is named.

const ACME = 'acme'
const held = (levels: Levels, scope = '', builtIn: string | null = null): HeldRole => ({
  builtIn,
  levels,
  access: {},
  scope,
})
const gate = (state: Gate['state'] = 'on', source: Gate['source'] = 'toggle'): Gate => ({
  state,
  source,
  licence: null,
})

/** Ann of Acme, or of another tenant, with these roles. */
function op(
  levels: Levels,
  more: Partial<{ tenantId: string; scope: string; gate: Gate; sharing: boolean }> = {},
) {
  const tenantId = more.tenantId ?? ACME
  const mine = [held(levels, more.scope)]
  return {
    tenant: { id: tenantId, isMaster: tenantId === MASTER_TENANT_ID, cap: { sharing: more.sharing ?? true } },
    actor: { userId: 'ann', roles: mine.map((role) => ({ ...role, id: 'held' })) },
    rights: effectiveRights(more.scope ? [] : mine, null),
    reach: reachOf(tenantId, 'ann', mine, null),
    gate: more.gate ?? gate(),
  } as unknown as SignedInOp
}
const codeOf = (refusal: AppError | null) => refusal?.code ?? null
const codeThrown = (work: () => void) => {
  try {
    work()
    return null
  } catch (error) {
    return (error as AppError).code
  }
}

describe('what may be done to people', () => {
  const people = (levels: Levels, provider = false): users.People => {
    const who = op(levels)
    const giver = provider
      ? ({ provider: true, rights: who.rights } as const)
      : ({ provider: false, rights: who.rights, reach: who.reach } as const)
    return { op: who, tenantId: ACME, giver }
  }
  const tom = (more: Partial<users.Subject> = {}): users.Subject => ({
    id: 'tom',
    homeTenantId: ACME,
    status: 'active',
    parentLevel: false,
    roles: [],
    ...more,
  })
  const refusal = (who: users.People, user: users.Subject, action: users.UserAction, keepers = 2) =>
    codeOf(users.userRefusal(who, user, action, keepers))
  const MANAGER = people({ users: 'full' })

  it('guests are removed, and their accounts let be; people of the provider are changed by nobody', () => {
    const guest = tom({ homeTenantId: 'elsewhere' })
    const provider = tom({ homeTenantId: 'elsewhere', parentLevel: true })
    for (const who of [MANAGER, people({ tenantUsers: 'full' }, true)]) {
      for (const action of ['remove', 'setRoles', 'endSessions'] as const)
        expect(refusal(who, guest, action), action).toBe(null)
      for (const action of ['edit', 'setPassword', 'disable', 'delete'] as const)
        expect(refusal(who, guest, action), action).toBe('access_denied')
      expect(refusal(who, tom(), 'remove')).toBe('access_denied')
      for (const action of users.USER_ACTIONS)
        expect(refusal(who, provider, action), action).toBe('access_denied')
    }
    const owner = { homeTenantId: 'elsewhere', roles: [{ builtIn: 'owner', levels: {} }] }
    const giver = people({ tenantUsers: 'full', tenants: 'full' }, true)
    expect(refusal(people({ tenantUsers: 'full' }, true), tom(owner), 'remove', 2)).toBe('access_denied')
    expect(refusal(giver, tom(owner), 'remove', 1)).toBe('conflict')
    expect(refusal(giver, tom(owner), 'remove', 2)).toBe(null)
  })

  it('is for who manages them: in the tenant, or as its provider', () => {
    for (const action of users.USER_ACTIONS.filter((one) => one !== 'enable' && one !== 'remove')) {
      expect(refusal(MANAGER, tom(), action), action).toBe(null)
      expect(refusal(people({ users: 'read' }), tom(), action), action).toBe('access_denied')
      expect(refusal(people({ tenantUsers: 'full' }, true), tom(), action), action).toBe(null)
      expect(refusal(people({ users: 'full' }, true), tom(), action), action).toBe('access_denied')
    }
    expect(codeOf(users.createRefusal(MANAGER))).toBe(null)
    expect(codeOf(users.createRefusal(people({ users: 'read' })))).toBe('access_denied')
  })

  it('is not done to oneself, but for one’s own fields', () => {
    const ann = tom({ id: 'ann' })
    for (const action of ['setPassword', 'setRoles', 'disable', 'delete', 'endSessions'] as const)
      expect(refusal(MANAGER, ann, action), action).toBe('access_denied')
    expect(refusal(MANAGER, ann, 'edit')).toBe(null)
  })

  it('leaves an account to its own tenant', () => {
    const guest = tom({ homeTenantId: 'msp' })
    for (const action of ['edit', 'setPassword', 'disable', 'delete'] as const)
      expect(refusal(MANAGER, guest, action), action).toBe('access_denied')
    expect(refusal(MANAGER, tom({ homeTenantId: 'msp', status: 'disabled' }), 'enable')).toBe('access_denied')
    for (const action of ['setRoles', 'endSessions'] as const)
      expect(refusal(MANAGER, guest, action), action).toBe(null)
  })

  it('is not done to who may more, and fits how they are', () => {
    expect(refusal(MANAGER, tom({ roles: [held({ hosts: 'full' })] }), 'disable')).toBe('access_denied')
    expect(refusal(MANAGER, tom({ roles: [held({ users: 'read' })] }), 'disable')).toBe(null)
    expect(refusal(MANAGER, tom(), 'enable')).toBe('conflict')
    expect(refusal(MANAGER, tom({ status: 'disabled' }), 'enable')).toBe(null)
    expect(refusal(MANAGER, tom({ status: 'disabled' }), 'disable')).toBe('conflict')
  })

  it('leaves a tenant its last owner', () => {
    const provider = people({ tenantUsers: 'full', tenants: 'full' }, true)
    for (const builtIn of ['owner', 'super_admin']) {
      const owner = tom({ roles: [held({}, '', builtIn)] })
      for (const action of ['disable', 'delete'] as const) {
        expect(refusal(provider, owner, action, 1), action).toBe('conflict')
        expect(refusal(provider, owner, action, 2), action).toBe(null)
      }
      expect(refusal(provider, owner, 'edit', 1)).toBe(null)
      expect(users.isLastKeeper(owner, 1)).toBe(true)
      expect(users.isLastKeeper({ ...owner, status: 'disabled' }, 1)).toBe(false)
    }
    expect(refusal(provider, tom({ roles: [held({}, '', 'admin')] }), 'delete', 1)).toBe(null)
  })
})

describe('what may be done to tenants', () => {
  const MSP = { tenantId: MASTER_TENANT_ID }
  const code = (who: SignedInOp, tenant: { id: string; status: string }, action: tenants.TenantAction) =>
    codeThrown(() => tenants.assertTenantAction(who, tenant, action))
  const fits = {
    edit: 'active',
    setUp: 'active',
    disable: 'active',
    enable: 'disabled',
    delete: 'active',
    restore: 'deleted',
  } as const
  const not = {
    edit: 'deleted',
    setUp: 'deleted',
    disable: 'disabled',
    enable: 'active',
    delete: 'deleted',
    restore: 'active',
  } as const

  it.each(tenants.TENANT_ACTIONS)('%s: who manages them, in the state that it fits', (action) => {
    const admin = op({ tenants: 'full' }, MSP)
    expect(code(admin, { id: ACME, status: fits[action] }, action)).toBe(null)
    expect(code(admin, { id: ACME, status: not[action] }, action)).toBe('conflict')
    expect(code(op({ tenants: 'read' }, MSP), { id: ACME, status: fits[action] }, action)).toBe(
      'access_denied',
    )
    expect(code(admin, { id: MASTER_TENANT_ID, status: 'active' }, action)).toBe(
      action === 'edit' ? null : 'conflict',
    )
    const growth = action === 'enable' || action === 'restore'
    const over = op({ tenants: 'full' }, { ...MSP, gate: gate('expired') })
    expect(code(over, { id: ACME, status: fits[action] }, action)).toBe(growth ? 'license_required' : null)
    expect(tenants.tenantAbilities(admin, { id: ACME, status: not[action] }).can[action]).toBe(false)
    expect(tenants.tenantAbilities(admin, { id: ACME, status: fits[action] }).can[action]).toBe(true)
  })

  it('makes none without the right or a current licence', () => {
    expect(codeOf(tenants.createRefusal(op({ tenants: 'full' }, MSP)))).toBe(null)
    expect(codeOf(tenants.createRefusal(op({ tenants: 'read' }, MSP)))).toBe('access_denied')
    const over = op({ tenants: 'full' }, { ...MSP, gate: gate('expired') })
    expect(codeOf(tenants.createRefusal(over))).toBe('license_required')
  })

  it('switches multi-tenancy where the environment does not', () => {
    expect(codeOf(toggleRefusal(op({ settings: 'full' }, MSP)))).toBe(null)
    expect(codeOf(toggleRefusal(op({ settings: 'read' }, MSP)))).toBe('access_denied')
    const set = op({ settings: 'full' }, { ...MSP, gate: gate('on', 'environment') })
    expect(codeOf(toggleRefusal(set))).toBe('conflict')
  })
})

describe('what may be done to roles', () => {
  const of = (levels: Levels, tenantId = ACME, provider = false): RolesOf => {
    const who = op(levels, provider ? { tenantId: MASTER_TENANT_ID } : { tenantId })
    return {
      op: who,
      tenant: { id: tenantId },
      giver: provider
        ? { provider: true, rights: who.rights }
        : { provider: false, rights: who.rights, reach: who.reach },
    } as unknown as RolesOf
  }
  const role = (more: Partial<RoleRecord> = {}): RoleRecord =>
    ({
      id: 'role',
      builtIn: null,
      multiTenant: false,
      locked: false,
      templateId: null,
      templateLocked: null,
      levels: {},
      access: {},
      ...more,
    }) as RoleRecord
  const code = (who: RolesOf, one: RoleRecord, action: Parameters<typeof roles.roleRefusal>[2]) =>
    codeOf(roles.roleRefusal(who, one, action))
  const EDITOR = of({ roles: 'full' })

  it('is for who manages them, up to what they hold, and not to one’s own', () => {
    for (const action of ['edit', 'copy', 'delete'] as const) {
      expect(code(EDITOR, role(), action), action).toBe(null)
      expect(code(of({ roles: 'read' }), role(), action), action).toBe('access_denied')
      expect(code(EDITOR, role({ levels: { hosts: 'full' } }), action), action).toBe('access_denied')
      expect(code(of({ roles: 'full', tenantUsers: 'full' }, ACME, true), role(), action), action).toBe(null)
      expect(code(of({ roles: 'full' }, ACME, true), role(), action), action).toBe('access_denied')
      expect(code(of({ tenantUsers: 'full' }, ACME, true), role(), action), action).toBe('access_denied')
      const own = code(EDITOR, role({ id: 'held' }), action)
      expect(own, action).toBe(action === 'copy' ? null : 'access_denied')
    }
    expect(codeOf(roles.createRefusal(EDITOR))).toBe(null)
    expect(codeOf(roles.createRefusal(of({ roles: 'read' })))).toBe('access_denied')
  })

  it('fits what a role is', () => {
    expect(code(EDITOR, role({ builtIn: 'viewer' }), 'edit')).toBe('access_denied')
    expect(code(EDITOR, role({ builtIn: 'viewer' }), 'delete')).toBe('access_denied')
    expect(code(EDITOR, role({ multiTenant: true }), 'delete')).toBe('access_denied')
    expect(code(EDITOR, role({ multiTenant: true, locked: true }), 'edit')).toBe('access_denied')
    expect(code(EDITOR, role({ multiTenant: true }), 'edit')).toBe(null)
    expect(code(EDITOR, role({ templateId: 't' }), 'delete')).toBe('access_denied')
    expect(code(EDITOR, role({ templateId: 't', templateLocked: true }), 'edit')).toBe('access_denied')
    expect(code(EDITOR, role(), 'relink')).toBe('conflict')
    expect(code(EDITOR, role({ templateId: 't' }), 'relink')).toBe(null)
    const msp = of({ roles: 'full' }, MASTER_TENANT_ID)
    expect(code(msp, role({ multiTenant: true }), 'lock')).toBe(null)
    expect(code(msp, role(), 'lock')).toBe('access_denied')
    expect(code(EDITOR, role({ multiTenant: true }), 'lock')).toBe('access_denied')
    expect(roles.isProvided(EDITOR, { multiTenant: true })).toBe(true)
    expect(roles.isProvided(EDITOR, { multiTenant: false })).toBe(false)
    expect(roles.isProvided(msp, { multiTenant: true })).toBe(false)
  })
})

describe('who decides about shares', () => {
  it('holds sharing in the whole tenant, whatever the cap says', () => {
    expect(mayAnswer(op({ sharing: 'full' })).allowed).toBe(true)
    expect(mayAnswer(op({ sharing: 'read' })).allowed).toBe(false)
    expect(mayAnswer(op({ hosts: 'full' })).allowed).toBe(false)
    const scoped = {
      ...op({ sharing: 'full' }, { scope: 'group:g' }),
      rights: effectiveRights([held({ sharing: 'read' })], null),
    }
    expect(mayAnswer(scoped).allowed).toBe(false)
    expect(mayGive(op({ sharing: 'full' })).allowed).toBe(true)
    expect(mayGive(op({ sharing: 'full' }, { sharing: false })).allowed).toBe(false)
    expect(mayGive(op({ sharing: 'read' })).allowed).toBe(false)
    expect(codeThrown(() => assertMay({ allowed: false, reason: 'no' }))).toBe('access_denied')
    expect(codeThrown(() => assertMay({ allowed: true }))).toBe(null)
  })
})

describe('what may be done with a thing', () => {
  const row = (more: object = {}) => ({
    kind: 'host',
    ownerId: ACME,
    assignedId: ACME,
    visibility: 'private' as const,
    grantRole: null,
    reachAct: true,
    reachEdit: true,
    reachDelete: true,
    ...more,
  })
  const can = (who: SignedInOp, more: object = {}) =>
    Object.entries(abilities(who, row(more)))
      .filter(([, { allowed }]) => allowed)
      .map(([name]) => name)
      .sort()
  const ANN = op({ hosts: 'full', sharing: 'full' })
  const MARA = op({ hosts: 'full', sharing: 'full' }, { tenantId: MASTER_TENANT_ID })
  const OWNED = { ownerId: MASTER_TENANT_ID, assignedId: MASTER_TENANT_ID }

  it('follows relation and reach, both', () => {
    expect(can(ANN)).toEqual(['act', 'edit', 'remove', 'rename', 'share'])
    expect(can(ANN, { reachEdit: false })).toEqual(['act', 'remove'])
    expect(can(ANN, { reachDelete: false })).not.toContain('remove')
    expect(can(ANN, { reachAct: false })).not.toContain('act')
    expect(can(ANN, { ownerId: MASTER_TENANT_ID })).toEqual(['act'])
    expect(can(ANN, { ...OWNED })).toEqual([])
    expect(can(ANN, { ...OWNED, grantRole: 'viewer' })).toEqual([])
    expect(can(ANN, { ...OWNED, grantRole: 'editor' })).toEqual(['act', 'edit'])
    expect(can(ANN, { ...OWNED, grantRole: 'admin' })).toEqual(['act', 'edit', 'rename'])
    expect(can(op({ hosts: 'full', sharing: 'full' }, { sharing: false }))).not.toContain('share')
    expect(can(op({ hosts: 'full', sharing: 'read' }))).not.toContain('share')
  })

  it('is assigned and published by the master alone, while multi-tenancy is on', () => {
    expect(can(MARA, OWNED)).toEqual(['act', 'assign', 'edit', 'publish', 'remove', 'rename', 'share'])
    expect(can(MARA, { ownerId: MASTER_TENANT_ID, assignedId: ACME })).toEqual([
      'assign',
      'edit',
      'remove',
      'rename',
    ])
    for (const state of ['off', 'unlicensed'] as const) {
      const who = op({ hosts: 'full', sharing: 'full' }, { tenantId: MASTER_TENANT_ID, gate: gate(state) })
      expect(can(who, OWNED)).not.toContain('assign')
      expect(can(who, OWNED)).not.toContain('publish')
    }
    const reader = op({ hosts: 'read' }, { tenantId: MASTER_TENANT_ID })
    expect(can(reader, OWNED)).not.toContain('assign')
  })

  it('is reached fully only with every verb that there is', () => {
    expect(reachesFully(row())).toBe(true)
    for (const without of ['reachAct', 'reachEdit', 'reachDelete'])
      expect(reachesFully(row({ [without]: false })), without).toBe(false)
    expect(reachesFully(row({ kind: 'profile', reachAct: false }))).toBe(true)
  })

  it('is made by who may make it somewhere', () => {
    const make = (levels: Levels, scope = '') => mayMake(op(levels, { scope }), 'network').allowed
    expect(make({ networks: 'full' })).toBe(true)
    expect(make({ networks: 'full' }, 'cloud:c1')).toBe(true)
    expect(make({ networks: 'full' }, 'group:g1')).toBe(false)
    expect(make({ networks: 'read' }, 'cloud:c1')).toBe(false)
    expect(mayMake(op({ hosts: 'full' }), 'host').allowed).toBe(false)
  })
})

describe('who signs in where (rule 9)', () => {
  const MAIN = { kind: 'master' } as const
  const ON_ACME = { kind: 'tenant', slug: ACME } as const
  it('reads a typed name by the host', () => {
    expect(signInTarget(MAIN as never, 'mara')).toEqual({
      host: 'default',
      home: 'default',
      username: 'mara',
    })
    expect(signInTarget(ON_ACME as never, 'tom')).toEqual({ host: ACME, home: ACME, username: 'tom' })
    expect(signInTarget(ON_ACME as never, 'default\\mara')).toMatchObject({ host: ACME, home: 'default' })
    expect(signInTarget(MAIN as never, 'acme\\tom')).toBe(null)
    expect(signInTarget({ kind: 'unknown' } as never, 'tom')).toBe(null)
    for (const nonsense of ['', 'a\\b\\c', '\\tom'])
      expect(signInTarget(ON_ACME as never, nonsense)).toBe(null)
  })

  it('hands over from the main host, and a subtenant’s name only', () => {
    expect(handOffTarget(MAIN as never, 'acme\\tom')).toEqual({ host: ACME, home: ACME, username: 'tom' })
    expect(handOffTarget(MAIN as never, 'tom')).toBe(null)
    expect(handOffTarget(MAIN as never, 'default\\mara')).toBe(null)
    expect(handOffTarget(ON_ACME as never, 'bolt\\tom')).toBe(null)
  })
})
