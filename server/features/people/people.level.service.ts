import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import type { Giver } from '@/server/authz/cover'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate, type Tx } from '@/server/db/scope'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import { rolesOfTenant } from '@/server/features/roles/roles.service'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { assertKeeperStays } from '@/server/features/users/users.keepers'
import { lastKeeper } from '@/server/features/users/users.policy'
import { nameOf } from '@/server/features/users/users.service'
import { readUsername } from '@/server/features/users/users.write.service'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { levelOf, levelRefusal } from './people.policy'
import * as repo from './people.repo'
import type { Level, SetLevel } from './people.schema'
import { heldInMaster } from './people.service'

const LEVEL_WORDS: Record<Level, string> = {
  parent: 'parent level',
  master: 'master only',
  tenant: 'tenant level',
}

interface Home {
  id: string
  name: string
}

/** The home that the level asks for. @throws AppError 400 on `tenantId`, 404 */
async function homeFor(op: SignedInOp, { level, tenantId }: SetLevel): Promise<Home> {
  if (level !== 'tenant') return { id: MASTER_TENANT_ID, name: op.tenant.name }
  if (tenantId === undefined) throw invalidField('tenantId', 'Choose the tenant that they will be homed in')
  if (tenantId === MASTER_TENANT_ID)
    throw invalidField('tenantId', 'A tenant-level user is homed in a subtenant')
  const { id, name } = await subtenantOf(op, tenantId)
  return { id, name }
}

/** @throws AppError 404 for a role that the tenant has not */
async function rolesIn(tx: Tx, tenantId: string, roleIds: readonly string[]) {
  const all = await rolesOfTenant(tx, tenantId)
  return roleIds.map((id) => {
    const role = all.find((one) => one.id === id)
    if (!role) throw notFound()
    return role
  })
}

/** Roles of a subtenant. Whether they are there still, wall.person_level asks under the locks. @throws AppError 404 */
const rolesInTenant = (op: SignedInOp, home: Home, roleIds: readonly string[]) =>
  inDrill(op, home.id, (tx) => rolesIn(tx, home.id, roleIds))

/** Names of the roles that are given: in the master by who holds as much, in a subtenant by its provider. @throws AppError 403 */
function namesOf(giver: Giver, roles: Awaited<ReturnType<typeof rolesIn>>): string[] {
  for (const role of roles) {
    const refusal = grantRefusal(giver, role)
    if (refusal)
      throw new AppError('access_denied', refusal.message, { fields: { roleIds: refusal.message } })
  }
  return roles.map(({ name }) => name)
}

const giverOf = ({ rights, reach }: SignedInOp, provider: boolean): Giver =>
  provider ? { provider, rights } : { provider, rights, reach }

function refuse(outcome: Exclude<repo.LevelOutcome['outcome'], 'ok'>, home: Home): AppError {
  switch (outcome) {
    case 'taken': {
      const why = `${home.name} has a user of this name already. Choose another username.`
      return conflict(why, { username: why })
    }
    case 'closed':
      return conflict('This tenant is not active', { tenantId: 'This tenant is not active' })
    case 'temporary':
      return conflict(
        'This person has a temporary password, which somebody else knows. They have to change it first.',
      )
    case 'unverified':
      return conflict('They have to confirm their e-mail address first.')
    case 'keeper':
      return lastKeeper()
    case 'role':
      return invalidField('roleIds', 'Choose a role')
    case 'unknown':
      return notFound()
  }
}

/** Whose exclusive locks the change takes: of all tenants that the person may be writing in. */
async function locksFor(tx: Tx, id: string, home: Home): Promise<string[]> {
  const person = await repo.findPerson(tx, id)
  if (!person) throw notFound()
  const tenants = (await repo.membershipsOf(tx, id)).map(({ tenantId }) => tenantId)
  // A parent-level user may be writing anywhere: every mutation holds this one.
  return [...tenants, MASTER_TENANT_ID, home.id, ...(person.parentLevel ? [EVERYONE_LOCK] : [])]
}

/**
 * Raises a subtenant's user to the master, lowers a master's to a subtenant, or says whether a master's user reaches the subtenants
 * (PRODUCT, "parent-level user"). Where the home moves, memberships and roles end and those that are chosen begin; a username that is
 * taken there asks for another. All sessions end. Never oneself, never a tenant's last owner or super admin, nobody who may do more.
 * @throws AppError 400, 403, 404, 409 in words
 */
export async function setLevel(op: SignedInOp, input: SetLevel) {
  const { id, level, roleIds } = input
  const home = await homeFor(op, input)
  const exclusive = await inTenant(op, (tx) => locksFor(tx, id, home))
  const inTenantRoles = level === 'tenant' ? await rolesInTenant(op, home, roleIds) : null
  return mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const now = { ...op, ...fresh }
      if ((await locksFor(tx, id, home)).some((lock) => !exclusive.includes(lock)))
        throw conflict('This person’s memberships changed meanwhile. Try again.')
      const person = await repo.findPerson(tx, id)
      if (!person) throw notFound()
      const held = await heldInMaster(tx, id)
      const refusal = levelRefusal(now, person, held, await repo.membershipsOf(tx, id))
      if (refusal) throw refusal
      const before = levelOf(person)
      if (before === level) throw conflict(`This person is ${LEVEL_WORDS[level]} already`)
      const moves = home.id !== person.homeId
      if (moves && roleIds.length === 0) throw invalidField('roleIds', 'Choose a role')
      if (level === 'tenant') await assertKeeperStays(tx, { status: person.status, roles: held })
      const given = inTenantRoles ?? (await rolesIn(tx, MASTER_TENANT_ID, roleIds))
      const roles = moves ? namesOf(giverOf(now, inTenantRoles !== null), given) : undefined
      const typed = moves ? input.username?.trim() : undefined
      const username = typed ? readUsername(typed) : person.username
      const done = await repo.setLevel(tx, {
        ...{ id, homeId: home.id, parent: level === 'parent', username },
        roleIds: moves ? roleIds : [],
      })
      if (done.outcome !== 'ok') throw refuse(done.outcome, home)
      const { sessionsEnded } = done
      audit({
        targetKind: 'user',
        targetId: id,
        targetName: username,
        before: { level: before, home: person.homeName, username: person.username },
        after: { level, home: home.name, username, ...(roles && { roles }), sessionsEnded },
      })
      return { id, name: nameOf(person), sessionsEnded }
    },
    { exclusive },
  )
}
