import { type AccessRule, accessOf, PLAIN_ACCESS, readAccess, type StoredAccess } from '@/lib/access'
import type { Tx } from '@/server/db/scope'
import { kindOf } from '@/lib/resource-kinds/registry'
import { invalidField, notFound } from '@/server/platform/errors'
import * as repo from './roles.repo'
import type { AccessInput, AccessView } from './roles.schema'
import type { RolesOf } from './roles.scope'

type RuleField = 'groups' | 'clouds' | 'instanceTypes'
const RULES: readonly RuleField[] = ['groups', 'clouds', 'instanceTypes']
/** What the entries of a rule are. */
const OF_RULE: Record<RuleField, string> = {
  groups: 'group',
  clouds: 'cloud',
  instanceTypes: 'instance_type',
}

/** Every id that an access names. */
export function idsOf(stored: StoredAccess): string[] {
  const { groups, clouds, instanceTypes, resources, claims } = readAccess(stored)
  const inRules = [groups, clouds, instanceTypes].flatMap(({ entries }) => Object.keys(entries))
  const inClaims = claims.flatMap((claim) => claim.resources.filter((id) => id !== '*'))
  return [...new Set([...inRules, ...resources.map(({ id }) => id), ...inClaims])]
}

const isPlain = (field: keyof typeof PLAIN_ACCESS, value: unknown): boolean =>
  JSON.stringify(value) === JSON.stringify(PLAIN_ACCESS[field])

/**
 * What is stored of an access that somebody sent. Ids that the role did not have yet must be of things that the person sees, of the
 * fitting kind; what has gone out of sight since stays as it is.
 * @throws AppError 404 for an id that is none, 400 for what contradicts itself
 */
export async function readInput(
  of: RolesOf,
  tx: Tx,
  input: AccessInput,
  before: StoredAccess,
): Promise<StoredAccess> {
  const rules = RULES.map((field) => [field, ruleIn(field, input[field])] as const)
  const wanted = [
    ...rules.flatMap(([field, rule]) =>
      Object.keys(rule?.entries ?? {}).map((id) => ({ id, kind: OF_RULE[field] })),
    ),
    ...(input.resources ?? []).map(({ id }) => ({ id, kind: null })),
    ...(input.claims ?? []).flatMap(({ resources }) =>
      resources.filter((id) => id !== '*').map((id) => ({ id, kind: null })),
    ),
  ]
  const known = new Set(idsOf(before))
  const ids = [...new Set(wanted.map(({ id }) => id))]
  const kinds = await repo.kindsOf(tx, of.tenant.id, ids, of.seen)
  const stored = new Map(readAccess(before).resources.map(({ id, kind }) => [id, kind]))
  for (const { id, kind } of wanted) {
    const is = kinds.get(id)
    if (is === undefined ? !known.has(id) : kind === null ? is === 'group' : is !== kind) throw notFound()
  }
  const resources = (input.resources ?? []).map(({ id, access }) => ({
    ...{ id, access },
    kind: kinds.get(id) ?? stored.get(id) ?? '',
  }))
  if (new Set(resources.map(({ id }) => id)).size !== resources.length)
    throw invalidField('access.resources', 'Name each resource once')
  const access = {
    ...Object.fromEntries(rules.filter(([, rule]) => rule)),
    resources,
    claims: input.claims ?? [],
  }
  return minimal(access)
}

function ruleIn(field: RuleField, rule: AccessInput[RuleField]): AccessRule | undefined {
  if (!rule) return undefined
  const entries = Object.fromEntries(rule.entries.map(({ id, access }) => [id, access]))
  if (Object.keys(entries).length !== rule.entries.length)
    throw invalidField(`access.${field}`, 'Name each one once')
  return { default: rule.default, entries }
}

/** Without what says nothing beyond a plain role. */
const minimal = (access: StoredAccess): StoredAccess =>
  Object.fromEntries(
    Object.entries(access).filter(([field, value]) => !isPlain(field as keyof typeof PLAIN_ACCESS, value)),
  )

/** An access with the names of what it is about. */
export function viewOf(stored: StoredAccess, names: ReadonlyMap<string, string>): AccessView {
  const access = readAccess(stored)
  const nameOf = (id: string) => names.get(id) ?? null
  const ruleView = ({ default: other, entries }: AccessRule) => ({
    default: other,
    entries: Object.entries(entries)
      .map(([id, one]) => ({ id, name: nameOf(id), access: one }))
      .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '')),
  })
  return {
    groups: ruleView(access.groups),
    clouds: ruleView(access.clouds),
    instanceTypes: ruleView(access.instanceTypes),
    resources: access.resources.map(({ id, kind, access: one }) => ({
      id,
      kind,
      access: one,
      name: nameOf(id),
    })),
    claims: access.claims.map(({ kinds, actions, resources }) => ({
      kinds: [...kinds],
      actions: [...actions],
      resources: resources.map((id) => ({ id, name: id === '*' ? null : nameOf(id) })),
    })),
  }
}

/** Lines that say an access in words, by what they are about: for the audit log and for comparing. */
export function wordsOf(stored: StoredAccess, names: ReadonlyMap<string, string>): Map<string, string> {
  const access = readAccess(stored)
  const nameOf = (id: string) => names.get(id) ?? id
  const lines = new Map<string, string>()
  const rule = (label: string, one: string, value: AccessRule) => {
    lines.set(`${label} access`, value.default)
    for (const id of Object.keys(value.entries)) lines.set(`${one} ${nameOf(id)}`, accessOf(value, id))
  }
  rule('Group', 'Group', access.groups)
  rule('Cloud', 'Cloud', access.clouds)
  rule('Instance type', 'Instance type', access.instanceTypes)
  for (const { id, kind, access: one } of access.resources)
    lines.set(`${kindOf(kind)?.label ?? kind} ${nameOf(id)}`, one)
  return lines
}
