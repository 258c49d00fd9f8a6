import type { SignedInOp } from '@/server/context/op'
import { AppError, invalidField } from '@/server/platform/errors'
import type { CreateInMany, LineResult } from './invitations.schema'
import { A_DAY, assertMayMail, type Inviting, invite } from './invitations.service'

interface InTenant {
  id: string
  name: string
  lines: LineResult[]
}

/**
 * Invites the same people into several subtenants: in each by itself, so that both logs of each say it. All tenants are looked up first: one that is
 * not there stops everything; what is wrong in a later one is told in its lines.
 * @throws AppError 404, 429; 400 on `lines` for more than a day's mail at once; what the first tenant says
 */
export async function inviteIntoMany(
  op: SignedInOp,
  tenantIds: readonly string[],
  into: (tenantId: string) => Promise<Inviting>,
  { lines, role }: Pick<CreateInMany, 'lines' | 'role'>,
) {
  const places: Inviting[] = []
  for (const id of new Set(tenantIds)) places.push(await into(id))
  const mails = places.length * lines.length
  if (mails > A_DAY)
    throw invalidField(
      'lines',
      `These are ${mails} invitations. Send at most ${A_DAY} a day: choose fewer tenants or people.`,
    )
  await assertMayMail(
    op,
    places.map(({ people }) => people.tenantId),
    lines.length,
  )
  // A line that names no role gets the one of all; each tenant has one of this name, or says that it has none.
  const input = { lines: lines.map((line) => ({ ...line, role: line.role.trim() || role })) }
  const tenants: InTenant[] = []
  let invited = 0
  let mailed = false
  for (const inviting of places) {
    const { tenantId: id } = inviting.people
    const { name } = inviting.place
    try {
      const answer = await invite(inviting, input)
      invited += answer.invited
      mailed ||= answer.mailed
      tenants.push({ id, name, lines: answer.lines })
    } catch (error) {
      if (tenants.length === 0 || !(error instanceof AppError)) throw error
      const { message } = error
      tenants.push({ id, name, lines: lines.map(({ email }) => ({ email, result: 'refused', message })) })
    }
  }
  return { invited, mailed, tenants }
}
