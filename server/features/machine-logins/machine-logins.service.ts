import type { SignedInOp } from '@/server/context/op'
import { database } from '@/server/db/runtime'
import { inTenant, mutate, type Mutation, type Tx } from '@/server/db/scope'
import type { PeopleScope } from '@/server/features/users/users.people'
import { changePerson, findPerson, type Person, personAbilities } from '@/server/features/users/users.of'
import { denied, notFound } from '@/server/platform/errors'
import { seal } from '@/server/platform/seal'
import * as repo from './machine-logins.repo'
import type { MachineLogin, MachineLogins, SetMachineLogin, System } from './machine-logins.schema'

const ELSEWHERE = 'Your account belongs to another tenant: sign in there to change it'

/** Sealed for this person, tenant and system: elsewhere it opens nothing. */
const sealed = (tenantId: string, userId: string, system: System, secret: string) =>
  new Uint8Array(
    seal(database().key, { purpose: 'machine login', tenantId, rowId: `${userId} ${system}` }, secret),
  )

async function rowsOf(tx: Tx, tenantId: string, userId: string): Promise<MachineLogin[]> {
  const rows = await repo.listLogins(tx, tenantId, userId)
  return rows.map(({ system, username, hasKey, setAt }) => ({
    system: system as System,
    username,
    kind: hasKey ? 'key' : 'password',
    setAt: setAt.toISOString(),
  }))
}

async function put(
  { tx, audit }: Mutation,
  person: Pick<Person, 'id' | 'username'>,
  tenantId: string,
  { system, username, password, key }: SetMachineLogin,
): Promise<{ system: System }> {
  const before = await repo.removeLogin(tx, tenantId, person.id, system)
  const secret = sealed(tenantId, person.id, system, key ?? password ?? '')
  const row = { tenantId, userId: person.id, system, username, sealed: secret, hasKey: key !== undefined }
  await repo.insertLogin(tx, row)
  audit({
    targetKind: 'user',
    targetId: person.id,
    targetName: person.username,
    ...(before !== null && { before: { system, username: before } }),
    after: { system, username, kind: key === undefined ? 'password' : 'key' },
  })
  return { system }
}

async function take(
  { tx, audit }: Mutation,
  person: Pick<Person, 'id' | 'username'>,
  tenantId: string,
  system: System,
): Promise<{ system: System }> {
  const before = await repo.removeLogin(tx, tenantId, person.id, system)
  if (before === null) throw notFound()
  const { id: targetId, username: targetName } = person
  audit({ targetKind: 'user', targetId, targetName, before: { system, username: before } })
  return { system }
}

const me = ({ actor }: SignedInOp) => ({ id: actor.userId, username: actor.username })
const isHome = ({ actor, tenant }: SignedInOp): boolean => actor.homeTenantId === tenant.id

/** What I sign in to machines with by default: which there are, never what they are. */
export async function myLogins(op: SignedInOp): Promise<MachineLogins> {
  const rows = await inTenant(op, (tx) => rowsOf(tx, op.tenant.id, op.actor.userId))
  return { rows, can: { set: isHome(op) }, why: { set: isHome(op) ? undefined : ELSEWHERE } }
}

/** @throws AppError 403 away from home */
export async function setMyLogin(op: SignedInOp, input: SetMachineLogin): Promise<{ system: System }> {
  if (!isHome(op)) throw denied(ELSEWHERE)
  return mutate(op, (m) => put(m, me(op), op.tenant.id, input))
}

/** @throws AppError 403 away from home, 404 where there is none */
export async function clearMyLogin(op: SignedInOp, system: System): Promise<{ system: System }> {
  if (!isHome(op)) throw denied(ELSEWHERE)
  return mutate(op, (m) => take(m, me(op), op.tenant.id, system))
}

/** Somebody's, for an administrator. @throws AppError 404 */
export function loginsOf(people: PeopleScope, id: string): Promise<MachineLogins> {
  return people.read(async (tx) => {
    const user = await findPerson(people, tx, id)
    const { can, why } = await personAbilities(people, tx, user)
    return { rows: await rowsOf(tx, people.tenantId, id), can: { set: can.edit }, why: { set: why.edit } }
  })
}

/** @throws AppError 403, 404 */
export async function setLoginOf(
  people: PeopleScope,
  { id, ...login }: SetMachineLogin & { id: string },
): Promise<{ system: System }> {
  await changePerson(people, id, 'edit', async (m, user) => void (await put(m, user, people.tenantId, login)))
  return { system: login.system }
}

/** @throws AppError 403, 404 */
export async function clearLoginOf(
  people: PeopleScope,
  { id, system }: { id: string; system: System },
): Promise<{ system: System }> {
  await changePerson(
    people,
    id,
    'edit',
    async (m, user) => void (await take(m, user, people.tenantId, system)),
  )
  return { system }
}
