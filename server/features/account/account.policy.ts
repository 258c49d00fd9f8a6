import { parseScope } from '@/lib/access'
import {
  isMasterOnly,
  OF_KINDS,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
  rank,
  type Rights,
} from '@/lib/permissions'
import { claimWords, LEVEL_WORDS, scopeWords } from '@/server/authz/effects'
import type { HeldRole } from '@/server/authz/reach'
import { effectiveRights } from '@/server/authz/rights'
import type { PermissionRow } from '@/server/features/account/account.schema'
import { wordsOf } from '@/server/features/roles/roles.access'

/** A live assignment of a role, with its name and end. */
export type NamedRole = HeldRole & { name: string; expiresAt: string | null }
type Names = ReadonlyMap<string, string>

interface About {
  roles: readonly NamedRole[]
  /** Name of the tenant role that caps; null in the master. */
  cap: string | null
  names: Names
  /** Whether it is told to the person themselves. */
  you: boolean
}

const OF_KIND: ReadonlySet<Permission> = new Set(OF_KINDS)

/** The effective rights with where each comes from (PRODUCT rule 6). Explains what was decided; decides nothing. */
export function explainRights(rights: Rights, about: About): PermissionRow[] {
  // What only the master can hold would puzzle in a subtenant: it can never be had there.
  const names = PERMISSION_NAMES.filter((name) => about.cap === null || !isMasterOnly(name))
  const given = about.roles.map((role) => ({ role, levels: effectiveRights([{ ...role, scope: '' }], null) }))
  return names.map((permission) => {
    const { label, description } = PERMISSIONS[permission]
    const level = rights[permission]
    return { permission, label, description, level, reason: reasonOf(permission, level, given, about) }
  })
}

type Given = { role: NamedRole; levels: Rights }[]

function reasonOf(name: Permission, level: Rights[Permission], given: Given, about: About): string {
  const whole = given.filter(({ role }) => !role.scope)
  const best = Math.max(0, ...whole.map(({ levels }) => rank(levels[name])))
  // More than the best of those of the whole tenant: it is held in a scope.
  const scoped = OF_KIND.has(name) ? given.filter(({ levels }) => rank(levels[name]) > best) : []
  const inScopes = scoped.map(
    ({ role, levels }) => `${titleOf(role, about.names)}: ${LEVEL_WORDS[levels[name]]}`,
  )
  if (best === 0 && inScopes.length === 0) return nothing(given.length === 0, about.you)
  const names = whole
    .filter(({ levels }) => rank(levels[name]) === best)
    .map(({ role }) => titleOf(role, about.names))
  const from = best === 0 ? [] : [`${names.length === 1 ? 'Role' : 'Roles'} ${names.join(', ')}`]
  const wished = Math.max(best, ...scoped.map(({ levels }) => rank(levels[name])))
  const cut =
    rank(level) < wished
      ? [`limited by the tenant's base role${about.cap === null ? '' : ` ${about.cap}`}`]
      : []
  return [...from, ...inScopes, ...cut].join(', ')
}

const nothing = (none: boolean, you: boolean): string =>
  none
    ? you
      ? 'You have no role here'
      : 'No role here'
    : you
      ? 'None of your roles includes it'
      : 'None of the roles includes it'

/** `Operators in group Staging until 2027-01-01`. */
export const titleOf = ({ name, scope, expiresAt }: NamedRole, names: Names): string =>
  [
    name,
    scopeWords(parseScope(scope ?? ''), names),
    expiresAt === null ? '' : `until ${expiresAt.slice(0, 10)}`,
  ]
    .filter((part) => part !== '')
    .join(' ')

const PLAIN: Record<string, string> = {
  'Group access': 'none',
  'Cloud access': 'full',
  'Instance type access': 'full',
}

/** What the roles say of groups, clouds, Instance Types and single things, and by claims: a line each. */
export function explainAccess(
  roles: readonly NamedRole[],
  names: Names,
): { role: string; what: string; access: string }[] {
  return roles.flatMap((role) => {
    const title = titleOf(role, names)
    const access = role.access ?? {}
    const rules = [...wordsOf(access, names)].filter(([what, level]) => PLAIN[what] !== level)
    const claims = (access.claims ?? []).map((claim) => ({
      role: title,
      what: 'Claim',
      access: claimWords(claim, names),
    }))
    return [...rules.map(([what, level]) => ({ role: title, what, access: level })), ...claims]
  })
}
