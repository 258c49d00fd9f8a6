import type { Tx, WriteTx } from '@/server/db/scope'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import { INVITATION_KEY, type InvitationRecord } from './invitations.repo'
import type { ListAllInvitations } from './invitations.all.schema'

// In the master only: the functions answer nobody else.

export interface AllInvitationsRecord extends InvitationRecord {
  tenantId: string
  tenantName: string
  tenantSlug: string
  tenantStatus: 'active' | 'disabled'
  /** Which built-in role it gives now; null: none of them. */
  roleBuiltIn: string | null
}
type Filter = Pick<ListAllInvitations, 'search' | 'status' | 'levels' | 'tenantId'>
const tenantsOf = ({ tenantId }: Filter) => (tenantId === undefined ? [] : [tenantId])

function page(
  tx: Tx,
  ids: readonly string[],
  filter: Filter,
  limit: number,
  position: Position | null,
): Promise<AllInvitationsRecord[]> {
  const { search, status, levels } = filter
  const [key, after] = position ? position.values.slice(0, 2).map(String) : [null, null]
  return tx.$queryRaw<AllInvitationsRecord[]>`
    select i.id, i.email, i.role_id as "roleId", i.role_name as "roleName", i.outcome, i.expired, i.sends, i.invited_by_name as by,
      i.created_at as "createdAt", i.expires_at as "expiresAt", i.ended_at as "endedAt", ${INVITATION_KEY} as key,
      i.tenant_id as "tenantId", i.tenant_name as "tenantName", i.tenant_slug as "tenantSlug", i.tenant_status as "tenantStatus",
      i.role_built_in as "roleBuiltIn"
    from wall.invitations_list(${[...ids]}::uuid[], ${likeAnywhere(search)}, ${status}::text[], ${levels}::text[], ${tenantsOf(filter)}::uuid[],
      ${!(position?.back ?? false)}, ${key}::timestamp at time zone 'UTC', ${after}::uuid, ${limit}::int) i`
}

/** Up to `limit` + 1 invitations of all tenants, the newest first; reversed when the position says back. */
export const listAllInvitations = (
  tx: Tx,
  input: ListAllInvitations,
  position: Position | null,
): Promise<AllInvitationsRecord[]> => page(tx, [], input, input.limit + 1, position)

/** Those of these ids, of tenants that are not deleted. */
export const findInvitations = (tx: Tx, ids: readonly string[]): Promise<AllInvitationsRecord[]> =>
  page(tx, ids, { search: '', status: [], levels: [] }, ids.length, null)

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countAllInvitations(tx: Tx, filter: Filter): Promise<number> {
  const { search, status, levels } = filter
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select wall.invitations_count(${likeAnywhere(search)}, ${status}::text[], ${levels}::text[], ${tenantsOf(filter)}::uuid[], ${COUNT_CAP + 1}::int) as n`
  return Number(rows[0]?.n ?? 0)
}

/** Takes pending ones into subtenants back. @returns how many of them were pending still */
export async function takeBack(tx: WriteTx, ids: readonly string[]): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from wall.invitations_take_back(${[...ids]}::uuid[]) as id`
  return rows.length
}
