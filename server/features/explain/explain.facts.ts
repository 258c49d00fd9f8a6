import { MASTER_TENANT_ID } from '@/lib/master'
import type { Facts, PersonFact, TenantFact, ThingFact } from '@/server/authz/explain/facts'
import { reachOf } from '@/server/authz/reach'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, type Tx } from '@/server/db/scope'
import { findSeen } from '@/server/features/resources/seen.service'
import { notFound } from '@/server/platform/errors'
import * as repo from './explain.repo'

/** A tenant's eyes, without any person's roles. */
const eyesOf = (tenant: Pick<TenantFact, 'id' | 'isMaster'>) => ({
  tenantId: tenant.id,
  isMaster: tenant.isMaster,
})

/** Facts, and what the very query of the product says of the thing, to be compared with. */
export interface Gathered {
  facts: Facts
  /** Whether the person sees the thing, by the query that decides it; null where that cannot be asked. */
  seen: boolean | null
}

const personFact = ({ userId, name, active, mustChangePassword }: repo.PersonRecord): PersonFact => ({
  userId,
  name,
  active,
  mustChangePassword,
})

async function seenBy(tx: Tx, facts: Facts): Promise<boolean> {
  const { tenant, person, thing } = facts
  if (!thing) return false
  const live = facts.roles.filter(({ ended }) => !ended)
  const reach = reachOf(tenant.id, person.userId, live, tenant.cap)
  return (await findSeen(tx, { ...eyesOf(tenant), reach }, [thing.id])).length === 1
}

/** A thing as a tenant itself sees it. */
async function thingHere(tx: Tx, tenant: TenantFact, id: string): Promise<ThingFact | null> {
  const found = await repo.findThing(tx, eyesOf(tenant), id)
  if (!found) return null
  const { cloudId } = found
  const cloud = cloudId === null ? null : await repo.findCloud(tx, eyesOf(tenant), cloudId)
  return {
    ...found,
    // Which tenants there are is the master's to know.
    assignedName: tenant.isMaster || found.assignedId === tenant.id ? found.assignedName : null,
    ...(await repo.placesOf(tx, tenant.id, id)),
    grants: tenant.isMaster ? [] : await repo.grantsOf(tx, tenant.id, found),
    cloud:
      (cloudId && {
        id: cloudId,
        name: cloud?.name ?? null,
        public: cloud?.public ?? false,
        ...(await repo.cloudHere(tx, tenant.id, cloudId)),
      }) ||
      null,
  }
}

/** Facts of a question about somebody of the acting tenant. @throws AppError not_found for a person who is not of it */
export function factsHere(op: SignedInOp, userId: string, id: string | undefined): Promise<Gathered> {
  return inTenant(op, async (tx) => {
    const person = await repo.findPerson(tx, op.tenant.id, userId)
    // Roles of the provider's people are kept where they are at home.
    if (!person || (person.parentLevel && person.homeTenantId !== op.tenant.id)) throw notFound()
    const facts: Facts = {
      gate: op.gate,
      tenant: op.tenant,
      person: personFact(person),
      roles: await repo.rolesOf(tx, op.tenant.id, userId),
      thing: id === undefined ? null : await thingHere(tx, op.tenant, id),
    }
    return { facts, seen: await seenBy(tx, facts) }
  })
}

/** Facts of a question about oneself: the roles of this very request. */
export function factsOfSelf(op: SignedInOp, id: string | undefined): Promise<Gathered> {
  return inTenant(op, async (tx) => {
    const facts: Facts = {
      gate: op.gate,
      tenant: op.tenant,
      person: {
        userId: op.actor.userId,
        name: op.actor.displayName,
        active: true,
        mustChangePassword: op.actor.mustChangePassword,
      },
      roles: [
        ...op.actor.roles.map((role) => ({ ...role, ended: false })),
        // what is over is not in the request, and may be the whole reason
        ...(await repo.rolesOf(tx, op.tenant.id, op.actor.userId)).filter(({ ended }) => ended),
      ],
      thing: id === undefined ? null : await thingHere(tx, op.tenant, id),
    }
    return { facts, seen: await seenBy(tx, facts) }
  })
}

/** A thing of the master's, as it stands to a subtenant: also where that does not see it. */
async function thingOfMaster(tx: Tx, tenantId: string, id: string) {
  const found = await repo.findThing(tx, { tenantId: MASTER_TENANT_ID, isMaster: true }, id)
  if (!found) return null
  const { cloudId } = found
  return {
    found,
    grants: await repo.grantsOf(tx, tenantId, found),
    cloud: cloudId && (await repo.findCloud(tx, { tenantId: MASTER_TENANT_ID, isMaster: true }, cloudId)),
  }
}

/**
 * Facts of a question about somebody of a subtenant, for the master: what the master owns, whoever sees it; of what is not its own
 * only what that tenant sees (PRODUCT rule 2: the drill-in). @throws AppError not_found for a person who is not of the tenant
 */
export async function factsThere(
  op: SignedInOp,
  { id: tenantId, name, status }: { id: string; name: string; status: string },
  userId: string,
  id: string | undefined,
): Promise<Gathered> {
  const own = await inTenant(op, async (tx) => {
    const thing = id === undefined ? null : await thingOfMaster(tx, tenantId, id)
    const cap = await repo.findCap(tx, tenantId, thing?.found.cloudId ?? null)
    return { thing, cap }
  })
  return inDrill(op, tenantId, async (tx) => {
    const person = await repo.findPerson(tx, tenantId, userId)
    if (!person) throw notFound()
    const tenant: TenantFact = {
      id: tenantId,
      name,
      status: status as TenantFact['status'],
      isMaster: false,
      cap: own.cap,
    }
    const facts: Facts = {
      gate: op.gate,
      tenant,
      person: personFact(person),
      roles: await repo.rolesOf(tx, tenantId, userId),
      thing: own.thing
        ? await merged(tx, tenant, own.thing, own.cap)
        : id === undefined
          ? null
          : await thingHere(tx, tenant, id),
    }
    return { facts, seen: await seenBy(tx, facts) }
  })
}

async function merged(
  tx: Tx,
  tenant: TenantFact,
  { found, grants, cloud }: NonNullable<Awaited<ReturnType<typeof thingOfMaster>>>,
  cap: repo.CapRecord | null,
): Promise<ThingFact> {
  const { cloudId } = found
  return {
    ...found,
    ...(await repo.placesOf(tx, tenant.id, found.id)),
    grants,
    cloud:
      cloudId && cloud
        ? {
            id: cloudId,
            ...cloud,
            added: (await repo.cloudHere(tx, tenant.id, cloudId)).added,
            offered: cap?.offered ?? 'none',
          }
        : null,
  }
}
