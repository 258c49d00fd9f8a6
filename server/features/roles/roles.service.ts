import { MASTER_TENANT_ID } from '@/lib/master'
import { type Level, type Levels, PERMISSION_NAMES, type Permission } from '@/lib/permissions'
import type { Giver } from '@/server/authz/cover'
import { wishOf } from '@/server/authz/rights'
import { can, type SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, type Tx } from '@/server/db/scope'
import { listSeen } from '@/server/features/resources/seen.service'
import { noteLook } from '@/server/features/see-as/look'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { denied } from '@/server/platform/errors'
import { likeAnywhere } from '@/server/platform/page-schema'
import { viewOf } from './roles.access'
import { ceilingIn, differences, inWords, namesFor } from './roles.content'
import { createRefusal, grantRefusal, isProvided, roleAbilities } from './roles.policy'
import * as repo from './roles.repo'
import type {
  AssignableRole,
  Difference,
  ProvidedChoice,
  RoleDetail,
  RoleList,
  RoleRow,
} from './roles.schema'
import { placeWords } from './roles.places'
import { found, providedRoles, type RoleScope, type RolesOf } from './roles.scope'

const CHOICES = 50
const FOUND = 20

/** Roles that users of the tenant can have, with their levels, for features that assign them. */
export const rolesOfTenant = (tx: Tx, tenantId: string): Promise<repo.RoleRecord[]> =>
  repo.assignableRoles(tx, tenantId)

/** The templates of these ids that are there. */
export const templatesOf = (tx: Tx, ids: readonly string[]): Promise<repo.RoleRecord[]> =>
  repo.findTemplates(tx, ids)

function offer(giver: Giver, role: repo.RoleRecord): AssignableRole {
  const { id, name, description, multiTenant } = role
  const refusal = grantRefusal(giver, role)
  return {
    id,
    name,
    description,
    multiTenant,
    can: { grant: refusal === null },
    why: { grant: refusal?.message },
  }
}

/** Roles for users of the acting tenant, and which of them this person may give. */
export async function assignableRoles(op: SignedInOp): Promise<AssignableRole[]> {
  const roles = await inTenant(op, (tx) => repo.assignableRoles(tx, op.tenant.id))
  return roles.map((role) => offer({ provider: false, rights: op.rights, reach: op.reach }, role))
}

/** The multi-tenant roles, as they are given in subtenants, and which of them this person of the master may give. */
export async function assignableTemplates(op: SignedInOp): Promise<AssignableRole[]> {
  const roles = await inTenant(op, (tx) => repo.listRoles(tx, op.tenant.id))
  const templates = roles.filter(({ multiTenant }) => multiTenant)
  return templates.map((role) => offer({ provider: true, rights: op.rights }, role))
}

/** Roles for users of a subtenant, as its provider. @throws AppError 404 */
export async function assignableRolesIn(op: SignedInOp, tenantId: string): Promise<AssignableRole[]> {
  const { id } = await subtenantOf(op, tenantId)
  const roles = await inDrill(op, id, (tx) => repo.assignableRoles(tx, id))
  return roles.map((role) => offer({ provider: true, rights: op.rights }, role))
}

interface Use {
  users: number
  tenants: number | null
  diverged: number | null
}

/** Who uses each template, from the master. */
async function templateUses(tx: Tx, roles: readonly repo.RoleRecord[]): Promise<Map<string, Use>> {
  const uses = new Map<string, Use>()
  for (const role of roles.filter(({ multiTenant }) => multiTenant)) {
    const rows = await repo.templateUse(tx, role.id)
    const followed = rows.filter(({ diverged }) => !diverged)
    const users = followed.reduce((sum, row) => sum + row.users, 0)
    uses.set(role.id, { users, tenants: followed.length, diverged: rows.length - followed.length })
  }
  return uses
}

async function usesOf(
  of: RolesOf,
  tx: Tx,
  roles: readonly repo.RoleRecord[],
): Promise<(role: repo.RoleRecord) => Use> {
  const counts = await repo.holderCounts(tx, of.tenant.id)
  const templates = of.tenant.id === MASTER_TENANT_ID ? await templateUses(tx, roles) : new Map<string, Use>()
  return ({ id }) => templates.get(id) ?? { users: counts.get(id) ?? 0, tenants: null, diverged: null }
}

function toRow(of: RolesOf, role: repo.RoleRecord, use: Use): RoleRow {
  return {
    id: role.id,
    name: role.name,
    description: role.description,
    builtIn: role.builtIn !== null,
    origin: role.templateId !== null ? 'diverged' : isProvided(of, role) ? 'provider' : 'own',
    multiTenant: role.multiTenant,
    locked: role.locked || role.templateLocked === true,
    ...use,
    updatedAt: role.updatedAt.toISOString(),
    ...roleAbilities(of, role, use.users),
  }
}

/** All roles of the tenant, with how many hold them. */
export function listRoles(scope: RoleScope): Promise<RoleList> {
  return scope.read(async (tx) => {
    const roles = await repo.listRoles(tx, scope.tenant.id)
    const useOf = await usesOf(scope, tx, roles)
    const refusal = createRefusal(scope)
    return {
      rows: roles.map((role) => toRow(scope, role, useOf(role))),
      ...{ can: { create: refusal === null }, why: { create: refusal?.message } },
    }
  })
}

const every = (levels: Levels): Record<Permission, Level> =>
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, levels[name] ?? 'none'])) as Record<
    Permission,
    Level
  >

/** What an editor of the tenant's roles may choose from. @param template for the master's templates */
export const limitsOf = (of: RolesOf, template: boolean) => ({
  cap: of.tenant.cap?.name ?? null,
  capLevels: ceilingIn(of, template),
  ownLevels: of.giver.provider ? null : every(of.giver.rights),
})

/** One role with all it says, who holds it, and what an editor may choose. @throws AppError 404 */
export function getRole(scope: RoleScope, id: string): Promise<RoleDetail> {
  return scope.read(async (tx) => {
    const role = found(await repo.findRole(tx, scope.tenant.id, id))
    const template = role.templateId === null ? null : await repo.findTemplate(tx, role.templateId)
    const names = await namesFor(scope, tx, role)
    const inMaster = scope.tenant.id === MASTER_TENANT_ID
    const useOf = await usesOf(scope, tx, [role])
    const holders = await repo.holdersOf(tx, scope.tenant.id, id, 20)
    const placeOf = await placeWords(
      scope,
      tx,
      holders.map((one) => one.scope),
    )
    const usedIn = inMaster && role.multiTenant ? await repo.templateUse(tx, id) : []
    return {
      ...toRow(scope, role, useOf(role)),
      levels: every(wishOf(role)),
      access: viewOf(role.access, names),
      landing: role.landing,
      template: template && { id: template.id, name: template.name, locked: template.locked },
      holders: holders.map((one) => ({
        ...one,
        place: placeOf(one.scope),
        expiresAt: one.expiresAt?.toISOString() ?? null,
      })),
      usedIn: usedIn.map(({ tenantId, ...rest }) => ({ id: tenantId, ...rest })),
      limits: limitsOf(scope, role.multiTenant),
    }
  })
}

/** Groups and tags of the tenant, for whoever may give or make roles. @throws AppError 403 */
export async function choicesOf(op: SignedInOp, input: { what: 'group' | 'tag'; search: string }) {
  if (!can(op, 'roles', 'read') && !can(op, 'users', 'read')) throw denied()
  const like = likeAnywhere(input.search)
  const find = input.what === 'group' ? repo.groupChoices : repo.tagChoices
  return { rows: await inTenant(op, (tx) => find(tx, op.tenant.id, like)) }
}

const OF_CHOICE = { cloud: 'cloud', instanceType: 'instance_type', resource: undefined } as const

/**
 * What a role of a subtenant or its assignment can name: the tenant's groups and tags, and what the tenant sees. Looking is noted in both
 * logs, as every look of the master's into a tenant is (PRODUCT rule 2). @throws AppError 404
 */
export async function choicesIn(op: SignedInOp, { tenantId, what, search }: ProvidedChoice) {
  const scope = await providedRoles(op, tenantId)
  await noteLook(op, scope.tenant, 'drill')
  const rows = await scope.read(async (tx) => {
    if (what === 'group') return named(await repo.groupChoices(tx, tenantId, likeAnywhere(search)), 'group')
    if (what === 'tag') return named(await repo.tagChoices(tx, tenantId, likeAnywhere(search)), 'tag')
    const query = { kind: OF_CHOICE[what], search, sort: 'name', desc: false, counted: false } as const
    return listSeen(tx, { tenantId, isMaster: false }, { ...query, position: null, limit: CHOICES })
  })
  return { rows: rows.slice(0, CHOICES).map(({ id, name, kind }) => ({ id, name, kind })) }
}

const named = (rows: readonly { id: string; name: string }[], kind: string) =>
  rows.map((one) => ({ ...one, kind }))

/** Roles of the acting tenant by a part of their name, for the palette. */
export const searchRoles = async (op: SignedInOp, search: string) => ({
  rows: await inTenant(op, (tx) => repo.searchRoles(tx, op.tenant.id, likeAnywhere(search), FOUND)),
})

/** What a role that was edited here says otherwise than the provider's. @throws AppError 404, also for one that follows it */
export function diffRole(scope: RoleScope, id: string): Promise<Difference> {
  return scope.read(async (tx) => {
    const role = found(await repo.findRole(tx, scope.tenant.id, id))
    const template = found(role.templateId === null ? null : await repo.findTemplate(tx, role.templateId))
    const names = await namesFor(scope, tx, role, template)
    const rows = differences(inWords(role, names), inWords(template, names))
    return {
      template: { id: template.id, name: template.name },
      rows: rows.map(({ what, here, there }) => ({ what, here, template: there })),
    }
  })
}
