import { randomUUID } from 'node:crypto'
import type { Effect } from '@/lib/effects'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import type { Mutation, Tx, WriteTx } from '@/server/db/scope'
import { conflict, denied } from '@/server/platform/errors'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { inWords, namesFor, readContent, statesOf } from './roles.content'
import { auditEffects, effectsAnswer, withRoleEffects } from './roles.effects'
import { createRefusal, grantRefusal, isProvided, roleRefusal } from './roles.policy'
import * as repo from './roles.repo'
import type { CreateRole, Effects, PreviewRole, RoleAction, UpdateRole } from './roles.schema'
import { found, type RoleScope, type RolesOf } from './roles.scope'
import * as write from './roles-write.repo'

type Ref = { id: string; name: string }

/** A role's own lock: of a template everyone's, of another its tenant's, so that what it takes away holds in the very next request. */
async function lockOf(scope: RoleScope, id: string): Promise<string[]> {
  const role = found(await scope.read((tx) => repo.findRole(tx, scope.tenant.id, id)))
  return [scope.tenant.id === MASTER_TENANT_ID && role.multiTenant ? EVERYONE_LOCK : scope.tenant.id]
}

/** The role under the lock, if that may be done to it. @throws AppError 403, 404, 409 */
async function roleFor(now: RolesOf, tx: Tx, id: string, action: RoleAction): Promise<repo.RoleRecord> {
  const role = found(await repo.findRole(tx, now.tenant.id, id))
  const refusal = roleRefusal(now, role, action)
  if (refusal) throw refusal
  return role
}

const NAME_TAKEN = 'Another role has this name'
const nameTaken = (error: unknown): never => {
  throw isUniqueViolation(error) ? conflict(NAME_TAKEN, { name: NAME_TAKEN }) : error
}

/**
 * Makes a role of the tenant, from nothing or from another one that it sees (features.md, D12).
 * @throws AppError 400, 403 for what the cap or the person's own rights do not cover, 404, 409 on `name`
 */
export function createRole(scope: RoleScope, input: CreateRole): Promise<Ref> {
  const id = randomUUID()
  const done = scope.write(async ({ tx, audit }, now) => {
    const refusal = createRefusal(now)
    if (refusal) throw refusal
    if (input.multiTenant && now.tenant.id !== MASTER_TENANT_ID)
      throw denied('Only the provider makes multi-tenant roles')
    const base = input.baseRoleId === undefined ? null : await roleFor(now, tx, input.baseRoleId, 'copy')
    const role = await readContent(now, tx, input, base, { ids: [], template: input.multiTenant })
    await write.insertRole(tx, now.tenant.id, id, role, { multiTenant: input.multiTenant })
    const words = inWords({ ...role, builtIn: null }, await namesFor(now, tx, role))
    const { after } = statesOf(new Map(), words)
    const more = { ...(base && { copyOf: base.name }), multiTenant: input.multiTenant }
    audit({ targetKind: 'role', targetId: id, targetName: role.name, after: { ...after, ...more } })
    return { id, name: role.name }
  })
  return done.catch(nameTaken)
}

/** Writes a role: a template that is edited in a subtenant becomes the tenant's own there (PRODUCT rule 7). @returns its id */
async function save(
  now: RolesOf,
  tx: WriteTx,
  role: repo.RoleRecord,
  content: write.RoleContent,
): Promise<string> {
  if (!isProvided(now, role)) {
    await write.updateRole(tx, now.tenant.id, role.id, content)
    return role.id
  }
  const id = randomUUID()
  await write.insertRole(tx, now.tenant.id, id, content, { templateId: role.id })
  await write.moveAssignments(tx, now.tenant.id, role.id, id)
  return id
}

interface Saved {
  id: string
  role: repo.RoleRecord
  content: write.RoleContent
  effects: Effect[]
}

async function change(now: RolesOf, tx: WriteTx, input: Omit<UpdateRole, 'updatedAt'>): Promise<Saved> {
  const role = await roleFor(now, tx, input.id, 'edit')
  const content = await readContent(now, tx, input, role, {
    ids: [role.id],
    template: role.multiTenant && !isProvided(now, role),
  })
  let id = role.id
  const effects = await withRoleEffects(
    now,
    tx,
    role,
    async () => void (id = await save(now, tx, role, content)),
  )
  return { id, role, content, effects }
}

/**
 * Changes a role. What it takes away is gone in the very next request of whoever holds it.
 * @throws AppError 400, 403, 404, 409 when somebody else changed it since `updatedAt`, or on `name`
 */
export async function updateRole(scope: RoleScope, input: UpdateRole): Promise<Ref> {
  const done = scope.write(
    async (m, now) => {
      const current = found(await repo.findRole(m.tx, now.tenant.id, input.id))
      if (current.updatedAt.toISOString() !== new Date(input.updatedAt).toISOString())
        throw conflict('Somebody else changed this role in the meantime. Reload it and try again.')
      const { id, role, content, effects } = await change(now, m.tx, input)
      const names = await namesFor(now, m.tx, role, content)
      const states = statesOf(inWords(role, names), inWords({ ...content, builtIn: null }, names))
      const diverged = id === role.id ? {} : { diverged: true }
      const entry = { targetKind: 'role', targetId: id, targetName: content.name, before: states.before }
      auditEffects(now.op, m, { ...entry, after: { ...states.after, ...diverged } }, effects)
      return { id, name: content.name }
    },
    await lockOf(scope, input.id),
  )
  return done.catch(nameTaken)
}

/** Who would gain and who would lose what, if the role were saved so: the lines that its audit row will have (D14). @throws as updateRole */
export function previewRole(scope: RoleScope, input: PreviewRole): Promise<Effects> {
  return scope.rehearse(async (tx, now) => {
    const { name, description, landing } = found(await repo.findRole(tx, now.tenant.id, input.id))
    const { effects } = await change(now, tx, {
      name,
      description,
      landing: landing,
      ...input,
    })
    return effectsAnswer(effects)
  })
}

/** Deletes a role that nobody holds. @throws AppError 403, 404, 409 that names who holds it */
export async function deleteRole(scope: RoleScope, id: string): Promise<Ref> {
  return scope.write(
    async ({ tx, audit }, now) => {
      const role = await roleFor(now, tx, id, 'delete')
      const who = await whoHolds(now, tx, role)
      if (who.length > 0) throw conflict(`It is in use: ${who.join(', ')}`)
      await write.deleteRole(tx, now.tenant.id, id)
      const { before } = statesOf(inWords(role, await namesFor(now, tx, role)), new Map())
      audit({ targetKind: 'role', targetId: id, targetName: role.name, before })
      return { id, name: role.name }
    },
    await lockOf(scope, id),
  )
}

const MOST_NAMES = 10

async function whoHolds(now: RolesOf, tx: Tx, role: repo.RoleRecord): Promise<string[]> {
  const inTenants =
    role.multiTenant && now.tenant.id === MASTER_TENANT_ID
      ? (await repo.templateUse(tx, role.id)).filter(({ diverged }) => !diverged)
      : []
  const tenants = inTenants.map(
    ({ name, users }) => `${name} (${users === 1 ? '1 person' : `${users} people`})`,
  )
  const people = await repo.holdersOf(tx, now.tenant.id, role.id, 100)
  const live = people.filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > Date.now())
  const names = [...tenants, ...new Set(live.map(({ name }) => name))]
  return names.length > MOST_NAMES
    ? [...names.slice(0, MOST_NAMES), `and ${names.length - MOST_NAMES} more`]
    : names
}

interface Relinked {
  copy: repo.RoleRecord
  template: repo.RoleRecord
  effects: Effect[]
}

async function relink(now: RolesOf, tx: WriteTx, id: string): Promise<Relinked> {
  const copy = await roleFor(now, tx, id, 'relink')
  const template = found(copy.templateId === null ? null : await repo.findTemplate(tx, copy.templateId))
  // Who gives the template back to its holders holds what it says.
  const refusal = grantRefusal(now.giver, template)
  if (refusal) throw refusal
  const effects = await withRoleEffects(now, tx, copy, async () => {
    await write.moveAssignments(tx, now.tenant.id, copy.id, template.id)
    await write.deleteRole(tx, now.tenant.id, copy.id)
  })
  return { copy, template, effects }
}

/** Links an edited role to the provider's again: whoever holds it holds the template, and what was changed here is gone. @throws AppError 403, 404, 409 */
export async function relinkRole(scope: RoleScope, id: string): Promise<Ref> {
  return scope.write(
    async (m, now) => {
      const { copy, template, effects } = await relink(now, m.tx, id)
      const names = await namesFor(now, m.tx, copy, template)
      const states = statesOf(inWords(copy, names), inWords(template, names))
      auditEffects(
        now.op,
        m,
        { targetKind: 'role', targetId: template.id, targetName: template.name, ...states },
        effects,
      )
      return { id: template.id, name: template.name }
    },
    await lockOf(scope, id),
  )
}

/** Who would gain and who would lose what by relinking. @throws as relinkRole */
export const previewRelink = (scope: RoleScope, id: string): Promise<Effects> =>
  scope.rehearse(async (tx, now) => effectsAnswer((await relink(now, tx, id)).effects))

/** Locks a template, so that no subtenant edits it from now on, or unlocks it. @throws AppError 403, 404 */
export async function lockRole(scope: RoleScope, id: string, locked: boolean): Promise<Ref> {
  return scope.write(
    async ({ tx, audit }: Mutation, now) => {
      const role = await roleFor(now, tx, id, 'lock')
      await write.setLocked(tx, id, locked)
      const states = { before: { locked: role.locked }, after: { locked } }
      audit({ targetKind: 'role', targetId: id, targetName: role.name, ...states })
      return { id, name: role.name }
    },
    await lockOf(scope, id),
  )
}
