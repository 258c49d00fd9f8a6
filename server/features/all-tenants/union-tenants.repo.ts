import type { AuthRow } from '@/server/context/authority'
import type { Tx } from '@/server/db/scope'

/** A tenant of the union with what decides sight and rights there. */
export interface UnionTenant {
  id: string
  slug: string
  name: string
  icon: string
  /** The tenant role; null in the master, which has none. */
  cap: NonNullable<AuthRow['tenant']>['cap']
  /** What the person holds there. */
  roles: AuthRow['roles']
  /** Public clouds that it added and is granted. */
  clouds: string[]
  /** Kinds of which the master granted it all. */
  kinds: string[]
}

export interface UnionPart {
  /** Only this tenant. */
  only: string | null
  /** The tenant to begin with, or the next one where it is none any more. */
  from: { name: string; id: string } | null
  back: boolean
  limit: number
  /** From where the person looks: of a tenant that does not let that address in, nothing is seen. */
  ip: string
}

/** Tenants of the union in the order of their names, a part at a time. Only inside a union scope. */
export const unionTenants = (tx: Tx, { only, from, back, limit, ip }: UnionPart): Promise<UnionTenant[]> =>
  tx.$queryRaw<UnionTenant[]>`
    select id, slug, name, icon, cap, case when wall.union_admits(id, ${ip}) then roles else '[]'::jsonb end as roles, clouds, kinds
    from wall.union_tenants(${only}::uuid, ${from?.name ?? null}, ${from?.id ?? null}::uuid, ${back}, ${limit}::int)`
