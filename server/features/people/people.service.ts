import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { tenantChoice, tenantChoices } from '@/server/features/tenants/tenants.service'
import { holdingOf, nameOf } from '@/server/features/users/users.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { addRefusal, changeRefusal, levelOf, levelRefusal } from './people.policy'
import * as repo from './people.repo'
import type { ListPeople, Membership, PersonDetail, PersonRow } from './people.schema'

function toRow(op: SignedInOp, person: repo.PersonRecord): PersonRow {
  const { homeId, homeName, homeSlug, homeStatus } = person
  return {
    id: person.id,
    name: nameOf(person),
    username: person.username,
    email: person.email,
    status: person.status,
    level: levelOf(person),
    home: {
      id: homeId,
      name: homeName,
      slug: homeSlug,
      status: homeStatus,
      master: homeId === MASTER_TENANT_ID,
    },
    tenants: Number(person.tenants),
    lastSignInAt: person.lastSignInAt?.toISOString() ?? null,
    you: person.id === op.actor.userId,
  }
}

/** A page of all people of all tenants. @throws AppError 404 for an unknown tenant; invalid_input for a cursor of another list */
export function listPeople(op: SignedInOp, input: ListPeople) {
  const list = `people:${input.sort}:${input.desc}`
  const position = readPosition(op, list, input.cursor)
  return inTenant(op, async (tx) => {
    if (input.tenantId !== undefined) await tenantChoice(tx, input.tenantId)
    const fetched = await repo.listPeople(tx, input, position)
    const { from, numberOf } = numbered(position, Math.min(fetched.length, input.limit))
    const page = pageOf(op, list, fetched, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    const rows = page.rows.map((row) => toRow(op, row))
    return { ...page, rows, from, ...totals(await repo.countPeople(tx, input)) }
  })
}

/** Active subtenants to choose from. */
export async function listTenants(op: SignedInOp, search: string) {
  const rows = await tenantChoices(op, search)
  return {
    rows: rows.filter(({ id }) => id !== MASTER_TENANT_ID).map(({ id, name }) => ({ id, name })),
  }
}

/** The name of a tenant that the list is narrowed to. @throws AppError 404 */
export async function getTenant(op: SignedInOp, tenantId: string) {
  const { id, name } = await inTenant(op, (tx) => tenantChoice(tx, tenantId))
  return { id, name }
}

const toMembership = (one: repo.MembershipRecord): Membership => ({
  tenant: {
    id: one.tenantId,
    name: one.name,
    slug: one.slug,
    status: one.status,
    master: one.tenantId === MASTER_TENANT_ID,
  },
  home: !one.guest,
  since: one.since.toISOString(),
  assignments: one.assignments.map((held) => ({
    ...held,
    expiresAt: held.expiresAt === null ? null : new Date(held.expiresAt).toISOString(),
  })),
})

/** What somebody holds in the master now: nothing, who is not homed there. */
export const heldInMaster = async (tx: Tx, id: string) =>
  (await holdingOf(tx, MASTER_TENANT_ID, id))?.roles ?? []

/** One person, with where they are a member and what they hold there. @throws AppError 404 */
export function getPerson(op: SignedInOp, id: string): Promise<PersonDetail> {
  return inTenant(op, async (tx) => {
    const person = await repo.findPerson(tx, id)
    if (!person) throw notFound()
    const memberships = await repo.membershipsOf(tx, id)
    const refusals = {
      setLevel: levelRefusal(op, person, await heldInMaster(tx, id), memberships),
      addToTenant: addRefusal(op, person),
      change: changeRefusal(op),
    }
    return {
      ...toRow(op, person),
      firstName: person.firstName,
      lastName: person.lastName,
      createdAt: person.createdAt.toISOString(),
      memberships: memberships.map(toMembership),
      can: {
        setLevel: refusals.setLevel === null,
        addToTenant: refusals.addToTenant === null,
        change: refusals.change === null,
      },
      why: {
        setLevel: refusals.setLevel?.message,
        addToTenant: refusals.addToTenant?.message,
        change: refusals.change?.message,
      },
    }
  })
}
