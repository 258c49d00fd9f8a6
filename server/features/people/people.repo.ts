import type { HeldRole } from '@/server/authz/reach'
import type { Tx, WriteTx } from '@/server/db/scope'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { ListPeople } from './people.schema'

// In the master only: the functions answer nobody else.

export interface PersonRecord {
  id: string
  username: string
  email: string
  firstName: string
  lastName: string
  status: 'active' | 'disabled'
  parentLevel: boolean
  createdAt: Date
  lastSignInAt: Date | null
  homeId: string
  homeName: string
  homeSlug: string
  homeStatus: 'active' | 'disabled'
  tenants: bigint
}
export type SortedPerson = PersonRecord & { key: string }
type Filter = Pick<ListPeople, 'search' | 'levels' | 'tenantId' | 'status'>

function page(
  tx: Tx,
  id: string | null,
  { search, levels, tenantId, status, sort, desc, limit }: Omit<ListPeople, 'cursor'>,
  position: Position | null,
): Promise<SortedPerson[]> {
  const down = desc !== (position?.back ?? false)
  const [key, after] = position ? position.values.slice(0, 2).map(String) : [null, null]
  return tx.$queryRaw<SortedPerson[]>`
    select id, username, email, first_name as "firstName", last_name as "lastName", status, parent_level as "parentLevel", created_at as "createdAt",
      last_sign_in_at as "lastSignInAt", home_tenant_id as "homeId", home_name as "homeName", home_slug as "homeSlug", home_status as "homeStatus",
      tenants, key
    from wall.people_list(${id}::uuid, ${likeAnywhere(search)}, ${levels}::text[], ${tenantId === undefined ? [] : [tenantId]}::uuid[], ${status}::text[], ${sort}, ${down},
      ${key}, ${after}::uuid, ${limit}::int)`
}

/** Up to `limit` + 1 people from `position` on; reversed when that says back. */
export const listPeople = (tx: Tx, input: ListPeople, position: Position | null): Promise<SortedPerson[]> =>
  page(tx, null, { ...input, limit: input.limit + 1 }, position)

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countPeople(tx: Tx, { search, levels, tenantId, status }: Filter): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select wall.people_count(${likeAnywhere(search)}, ${levels}::text[], ${tenantId === undefined ? [] : [tenantId]}::uuid[], ${status}::text[], ${COUNT_CAP + 1}::int) as n`
  return Number(rows[0]?.n ?? 0)
}

/** One person of any tenant that is not deleted. */
export async function findPerson(tx: Tx, id: string): Promise<PersonRecord | null> {
  const all = { search: '', levels: [], status: [] }
  const rows = await page(tx, id, { ...all, sort: 'name', desc: false, limit: 1 }, null)
  return rows[0] ?? null
}

export interface MembershipRecord {
  tenantId: string
  name: string
  slug: string
  status: 'active' | 'disabled'
  guest: boolean
  since: Date
  assignments: { roleId: string; name: string; scope: string; expiresAt: string | null; ended: boolean }[]
  /** Live assignments. */
  held: HeldRole[]
  /** Nobody else keeps the tenant. */
  keeps: boolean
}

/** Where somebody is a member, the home first. */
export const membershipsOf = (tx: Tx, id: string): Promise<MembershipRecord[]> =>
  tx.$queryRaw<MembershipRecord[]>`
    select tenant_id as "tenantId", name, slug, status, guest, since, assignments, held, keeps
    from wall.person_memberships(${id}::uuid)`

export type LevelOutcome =
  | { outcome: 'ok'; sessionsEnded: number; before: string }
  | { outcome: 'unknown' | 'closed' | 'taken' | 'temporary' | 'unverified' | 'keeper' | 'role' }

/** Changes somebody's level; see wall.person_level. */
export async function setLevel(
  tx: WriteTx,
  to: { id: string; homeId: string; parent: boolean; username: string; roleIds: readonly string[] },
): Promise<LevelOutcome> {
  const rows = await tx.$queryRaw<{ answer: LevelOutcome }[]>`
    select wall.person_level(${to.id}::uuid, ${to.homeId}::uuid, ${to.parent}, ${to.username}, ${[...to.roleIds]}::uuid[]) as answer`
  return rows[0]?.answer ?? { outcome: 'unknown' }
}
