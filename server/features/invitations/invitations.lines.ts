import { z } from 'zod'
import type { Giver } from '@/server/authz/cover'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import type { rolesOfTenant } from '@/server/features/roles/roles.service'
import type { CreateInvitations, LineResult } from './invitations.schema'

type Role = Awaited<ReturnType<typeof rolesOfTenant>>[number]

export interface Known {
  members: ReadonlySet<string>
  pending: readonly { email: string; expired: boolean }[]
  giver: Giver
  roles: readonly Role[]
  /** The tenant's default role. */
  standard: Role | undefined
}
interface Plan {
  lines: LineResult[]
  invite: { email: string; roleId: string | null }[]
}

/** One address in the plain form that mail servers and we agree on; ASCII, so that no look-alike is invited (attack C05). */
const address = z.email().max(254)
const PLAIN = /^[\x21-\x7e]+$/

function readAddress(text: string): string | null {
  const email = text.trim().toLowerCase()
  return PLAIN.test(email) && !/[,;<>"\\]/.test(email) && address.safeParse(email).success ? email : null
}

/** What becomes of each line: who is invited with which role, and why others are not. Decides, changes nothing. */
export function planLines(
  { lines, roleId }: Pick<CreateInvitations, 'lines' | 'roleId'>,
  known: Known,
): Plan {
  const plan: Plan = { lines: [], invite: [] }
  const seen = new Set<string>()
  for (const { email: text, role } of lines) {
    const tell = (result: LineResult['result'], message: string) =>
      plan.lines.push({ email: text.trim().slice(0, 254), result, message })
    const email = readAddress(text)
    if (email === null) tell('refused', 'This is no e-mail address')
    else if (seen.has(email)) tell('refused', 'Named twice')
    else if (known.members.has(email)) tell('member', 'Is a user of this tenant already')
    else if (known.pending.some((one) => one.email === email && !one.expired))
      tell('pending', 'Is invited already. Send it again from the list of invitations.')
    else {
      seen.add(email)
      const given = roleOf(role.trim(), roleId, known)
      if (typeof given === 'string') tell('refused', given)
      else {
        plan.invite.push({ email, roleId: given.id })
        tell('invited', 'Invited')
      }
    }
  }
  return plan
}

/** The role of a line by its name, that of all lines, or none; in words why not. */
function roleOf(
  name: string,
  roleId: string | undefined,
  { roles, standard, giver }: Known,
): { id: string | null } | string {
  const named = name === '' ? undefined : roles.find((role) => role.name.toLowerCase() === name.toLowerCase())
  if (name !== '' && !named) return `There is no role called ${name.slice(0, 80)}`
  const role = named ?? roles.find(({ id }) => id === roleId) ?? standard
  if (!role) return 'There is no role that people could have. The master tenant has to make one first.'
  const refusal = grantRefusal(giver, role)
  return refusal ? refusal.message : { id: named?.id ?? roleId ?? null }
}
