import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate, type Mutation, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { capOf } from '@/server/features/roles/roles.scope'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { conflict, invalidField, notFound } from '@/server/platform/errors'
import type { People } from './users.policy'
import * as repo from './users.repo'

/** People with the way to them: the same services work on one's own tenant's and, for the provider, on a subtenant's. */
export interface PeopleScope extends People {
  read: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>
  /**
   * `now`: the same people, as they stand under the lock: what is given is held against the rights of that moment.
   * `revoking`: takes rights away, so writes under way are waited for.
   */
  write: <T>(
    fn: (m: Mutation, now: People) => Promise<T>,
    revoking?: boolean,
    /** Other tenants whose exclusive locks are taken, too. */
    others?: readonly string[],
  ) => Promise<T>
  /** Does it and takes it back. */
  rehearse: <T>(fn: (tx: WriteTx, now: People) => Promise<T>) => Promise<T>
  /** The tenants of these ids, as far as one may know of them: a tenant of none, its provider of all. */
  homes: (ids: readonly string[]) => Promise<HomeTenant[]>
}
export interface HomeTenant {
  id: string
  name: string
  slug: string
}

/** The acting tenant's people, with what the database says of their administrator now. */
function freshPeople(op: SignedInOp, { fresh }: Pick<Mutation, 'fresh'>): People {
  const { rights, reach } = fresh
  return { op: { ...op, ...fresh }, tenantId: op.tenant.id, giver: { provider: false, rights, reach } }
}

/** The people of the acting tenant. */
export function ownPeople(op: SignedInOp): PeopleScope {
  const tenantId = op.tenant.id
  return {
    op,
    tenantId,
    giver: { provider: false, rights: op.rights, reach: op.reach },
    read: (fn) => inTenant(op, fn),
    write: (fn, revoking, others = []) =>
      mutate(op, (m) => fn(m, freshPeople(op, m)), {
        exclusive: revoking ? [tenantId, ...others] : [...others],
      }),
    rehearse: (fn) => rehearse(op, (tx, fresh) => fn(tx, freshPeople(op, { fresh }))),
    homes: () => Promise.resolve([]),
  }
}

/** The people of a subtenant, for the master. @throws AppError 404; 400 for the master tenant itself */
export async function tenantPeople(
  op: SignedInOp,
  id: string,
): Promise<PeopleScope & { place: { name: string; slug: string } }> {
  if (id === MASTER_TENANT_ID)
    throw invalidField('tenantId', 'The users of the master tenant are under Settings > Users')
  const { id: tenantId, name, slug } = await subtenantOf(op, id)
  const tenant = { id: tenantId, name, cap: await capOf(op, tenantId) }
  const now = (fresh: Mutation['fresh']): People => ({
    op: { ...op, ...fresh },
    tenantId,
    tenant,
    giver: { provider: true, rights: fresh.rights },
  })
  return {
    op,
    tenantId,
    giver: { provider: true, rights: op.rights },
    tenant,
    place: { name, slug },
    read: (fn) => inDrill(op, tenantId, fn),
    homes: (ids) =>
      ids.length === 0 ? Promise.resolve([]) : inTenant(op, (tx) => repo.tenantNames(tx, ids)),
    write: (fn, revoking, others = []) =>
      mutate(
        op,
        async (m) => {
          const status = await repo.tenantStatus(m.tx, tenantId)
          if (status === null) throw notFound()
          if (status === 'deleted') throw conflict('This tenant is deleted. Restore it first.')
          return fn(m, now(m.fresh))
        },
        { provider: tenantId, exclusive: revoking ? [tenantId, ...others] : [...others] },
      ),
    rehearse: (fn) => rehearse(op, (tx, fresh) => fn(tx, now(fresh)), { provider: tenantId }),
  }
}
