import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { assignableTemplates } from '@/server/features/roles/roles.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { totals } from '@/server/platform/page-schema'
import * as repo from './invitations.all.repo'
import type {
  AllInvitationsPage,
  AllInvitationsRow,
  InviteOptions,
  ListAllInvitations,
} from './invitations.all.schema'
import { parentRefusal, tenantRefusal } from './invitations.policy'
import { toRow } from './invitations.service'

function toAllRow(one: repo.AllInvitationsRecord): AllInvitationsRow {
  const { tenantId, tenantName, tenantSlug, tenantStatus } = one
  const master = tenantId === MASTER_TENANT_ID
  const row = toRow(one)
  return {
    ...row,
    role: { id: one.roleId, name: one.roleId === null ? null : one.roleName },
    givesRole: one.roleName,
    level: master ? 'parent' : 'tenant',
    tenant: { id: tenantId, name: tenantName, slug: tenantSlug, status: tenantStatus, master },
  }
}

/**
 * Invitations of all tenants of the last 90 days, the newest first. @throws AppError 404 for an unknown tenant; 400 for a cursor of another list
 */
export function listAllInvitations(op: SignedInOp, input: ListAllInvitations): Promise<AllInvitationsPage> {
  const { search, status, levels, tenantId } = input
  const list = `allInvitations:${search}:${status.join()}:${levels.join()}:${tenantId ?? ''}`
  const position = readPosition(op, list, input.cursor)
  return inTenant(op, async (tx) => {
    if (tenantId !== undefined) await tenantChoice(tx, tenantId)
    const found = await repo.listAllInvitations(tx, input, position)
    const { from, numberOf } = numbered(position, Math.min(found.length, input.limit))
    const page = pageOf(op, list, found, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    const counted = await repo.countAllInvitations(tx, input)
    return { ...page, rows: page.rows.map(toAllRow), from, ...totals(counted) }
  })
}

/** At which levels this person may invite, and to which roles in many tenants at once. */
export async function inviteOptions(op: SignedInOp): Promise<InviteOptions> {
  const [tenant, parent] = [tenantRefusal(op), tenantRefusal(op) ?? parentRefusal(op)]
  return {
    roles: await assignableTemplates(op),
    can: { tenant: tenant === null, parent: parent === null },
    why: { tenant: tenant?.message, parent: parent?.message },
  }
}
