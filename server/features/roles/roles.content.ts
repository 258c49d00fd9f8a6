import { MASTER_TENANT_ID } from '@/lib/master'
import {
  isMasterOnly,
  type Level,
  type Levels,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
  rank,
} from '@/lib/permissions'
import { LEVEL_WORDS } from '@/server/authz/effects'
import { ceilingOf, wishOf } from '@/server/authz/rights'
import type { Tx } from '@/server/db/scope'
import { AppError, conflict, invalidField } from '@/server/platform/errors'
import { claimWords } from '@/server/authz/effects'
import { idsOf, readInput, wordsOf } from './roles.access'
import { grantRefusal } from './roles.policy'
import * as repo from './roles.repo'
import type { RoleContent } from './roles-write.repo'
import type { AccessInput } from './roles.schema'
import type { RolesOf } from './roles.scope'

/** What of a role's content was given. */
export interface Given {
  name: string
  description: string
  levels?: Levels
  access?: AccessInput
  landing?: string
}

/** The most that a level may be in the tenant, whoever asks. @param template of the master, for its subtenants */
export function ceilingIn({ tenant }: RolesOf, template: boolean): Record<Permission, Level> {
  const cap = tenant.cap && ceilingOf(tenant.cap)
  const most = (name: Permission): Level => {
    if (cap) return cap[name] ?? 'none'
    const elsewhere = template || tenant.id !== MASTER_TENANT_ID
    return elsewhere && isMasterOnly(name) ? 'none' : (PERMISSIONS[name].levels.at(-1) ?? 'none')
  }
  return Object.fromEntries(PERMISSION_NAMES.map((name) => [name, most(name)])) as Record<Permission, Level>
}

/** Refuses a level that the cap does not allow; one that the role has already stays: a wish (PRODUCT rule 6). @throws AppError 403 */
function assertWithinCap(of: RolesOf, levels: Levels, before: Levels, template: boolean): void {
  const most = ceilingIn(of, template)
  for (const name of PERMISSION_NAMES) {
    const level = levels[name] ?? 'none'
    if (level === (before[name] ?? 'none') || rank(level) <= rank(most[name])) continue
    const by = of.tenant.cap ? `The base role ${of.tenant.cap.name} allows` : 'A subtenant is allowed'
    const why = `${by} at most ${LEVEL_WORDS[most[name]]} for ${PERMISSIONS[name].label}`
    throw new AppError('access_denied', why, { fields: { [`levels.${name}`]: why } })
  }
}

const tidy = (levels: Levels): Levels =>
  Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none'))

/**
 * The content of a role that somebody wants to be: whole, within the cap, of what they see, and covered by what they hold.
 * @param before the role that it is now, or is copied from; its wishes stay
 * @param self ids whose name is its own
 * @throws AppError 400, 403, 404, 409 on `name`
 */
export async function readContent(
  of: RolesOf,
  tx: Tx,
  given: Given,
  before: repo.RoleRecord | null,
  self: { ids: readonly string[]; template: boolean },
): Promise<RoleContent> {
  const wish = before ? wishOf(before) : {}
  const levels = tidy(given.levels ?? wish)
  assertWithinCap(of, levels, wish, self.template)
  const access = given.access
    ? await readInput(of, tx, given.access, before?.access ?? {})
    : (before?.access ?? {})
  if (self.template && Object.keys(access.groups?.entries ?? {}).length > 0)
    throw invalidField(
      'access.groups',
      'Groups are a tenant’s own: a multi-tenant role says one level for all of them',
    )
  const refusal = grantRefusal(of.giver, { builtIn: null, levels, access })
  if (refusal) throw refusal
  if (await repo.nameTaken(tx, of.tenant.id, given.name, self.ids)) {
    const why = 'Another role has this name'
    throw conflict(why, { name: why })
  }
  const { name, description } = given
  return { name, description, levels, access, landing: given.landing ?? before?.landing ?? '' }
}

/** The names of what a role's access is about, as far as the person sees them. */
export const namesFor = (
  of: RolesOf,
  tx: Tx,
  ...roles: Pick<repo.RoleRecord, 'access'>[]
): Promise<Map<string, string>> =>
  repo.namesOf(tx, of.tenant.id, [...new Set(roles.flatMap(({ access }) => idsOf(access)))], of.seen)

/** A role in words, by what they are about; levels that are none are left out. */
export function inWords(
  role: Pick<repo.RoleRecord, 'name' | 'description' | 'landing' | 'access' | 'levels' | 'builtIn'>,
  names: ReadonlyMap<string, string>,
): Map<string, string> {
  const levels = wishOf(role)
  return new Map([
    ['Name', role.name],
    ['Description', role.description],
    ['Landing page', role.landing],
    ...PERMISSION_NAMES.map((name): [string, string] => [
      PERMISSIONS[name].label,
      LEVEL_WORDS[levels[name] ?? 'none'],
    ]),
    ...wordsOf(role.access, names),
    ...(role.access.claims ?? []).map((claim): [string, string] => [
      `Claim: ${claimWords(claim, names)}`,
      'yes',
    ]),
  ])
}

/** What differs between two roles in words; `none` or nothing where one says nothing. */
export function differences(
  here: Map<string, string>,
  there: Map<string, string>,
): { what: string; here: string; there: string }[] {
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((what) => ({ what, here: here.get(what) ?? '', there: there.get(what) ?? '' }))
    .filter((row) => row.here !== row.there)
}

/** Before and after for the audit log: lines, since a key such as "API tokens" would be masked as a secret. */
export function statesOf(before: Map<string, string>, after: Map<string, string>) {
  const rows = differences(before, after)
  const lines = (side: 'here' | 'there') =>
    rows.map((row) => `${row.what}: ${row[side] === '' ? 'not said' : row[side]}`)
  return { before: { role: lines('here') }, after: { role: lines('there') } }
}
