import type { CreateInvitations, LineResult } from './invitations.schema'
import { createInvitations, type Inviting } from './invitations.service'

/**
 * Invites the same people into several subtenants: in each by itself, so that both logs of each say it. All tenants are looked up first: one that is
 * not there stops everything. @throws AppError of createInvitations
 */
export async function inviteIntoMany(
  tenantIds: readonly string[],
  into: (tenantId: string) => Promise<Inviting>,
  input: CreateInvitations,
) {
  const places: Inviting[] = []
  for (const id of new Set(tenantIds)) places.push(await into(id))
  const tenants: { id: string; name: string; lines: LineResult[] }[] = []
  let invited = 0
  for (const inviting of places) {
    const answer = await createInvitations(inviting, input)
    invited += answer.invited
    tenants.push({ id: inviting.people.tenantId, name: inviting.place.name, lines: answer.lines })
  }
  return { invited, tenants }
}
