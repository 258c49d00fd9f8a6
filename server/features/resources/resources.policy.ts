import type { Verb } from '@/lib/access'
import { kindOf } from '@/lib/resource-kinds/registry'
import { mayCreate } from '@/server/authz/reach'
import { mayRename, relationOf, verbsOfRelation } from '@/server/authz/relation'
import { can, type SignedInOp } from '@/server/context/op'
import type { ResourceRecord } from './resources.repo'
import type { ResourceDetail, Verdict } from './resources.schema'

const YES: Verdict = { allowed: true }
/** The words for what is used but not owned (PRODUCT rule 3). */
const PROVIDER_MANAGES = 'Your provider manages it'
const READ_ONLY = 'Your roles let you see it, but not change it'
const NO_ACTS = 'Your roles let you see it, but not use it'

/** First reason that stands in the way, or yes. */
export const unless = (...reasons: (string | false)[]): Verdict => {
  const reason = reasons.find((one) => one !== false)
  return reason === undefined ? YES : { allowed: false, reason }
}

type Facts = Pick<
  ResourceRecord,
  'kind' | 'ownerId' | 'assignedId' | 'visibility' | 'grantRole' | 'reachAct' | 'reachEdit' | 'reachDelete'
> &
  Partial<Pick<ResourceRecord, 'found' | 'cloudName'>>

const cloudOf = ({ cloudName }: Pick<Facts, 'cloudName'>): string =>
  cloudName ? `the cloud ${cloudName}` : 'its cloud'
/** Why something of a thing that a connected cloud tells of is not changed here. */
export const toldBy = (row: Pick<Facts, 'cloudName'>): string => `Told by ${cloudOf(row)}. Change it there.`
const foundIn = (row: Facts): string =>
  `Found in ${cloudOf(row)}: it would be back with the next look. Delete it there, and it goes here by itself.`

const REACH: Record<Exclude<Verb, 'see'>, (row: Facts) => boolean> = {
  act: (row) => row.reachAct,
  edit: (row) => row.reachEdit,
  delete: (row) => row.reachDelete,
}

function whyNotTheTenant(op: SignedInOp, row: Facts): string {
  switch (relationOf(op.tenant.id, row)) {
    case 'owner':
      return 'Assigned to another tenant, which uses it'
    case 'granted':
      return row.grantRole === 'viewer' ? 'Shared with you to look at only' : 'Its owner alone may do that'
    case 'assigned':
    case 'public':
      return PROVIDER_MANAGES
  }
}

/** Relation and reach: both must allow the verb (docs/decisions/0012). */
export const verdict = (op: SignedInOp, row: Facts, verb: Exclude<Verb, 'see'>): Verdict =>
  unless(
    !verbsOfRelation(op.tenant.id, row).has(verb) && whyNotTheTenant(op, row),
    !REACH[verb](row) && (verb === 'act' ? NO_ACTS : READ_ONLY),
  )

/** Whether the person's roles let them do everything with it, whatever the tenant may: who decides by what others reach it. */
export const reachesFully = (row: Facts): boolean =>
  row.reachEdit && row.reachDelete && (row.reachAct || !kindOf(row.kind)?.canBeActedOn)

/** Whether this person may hand what the tenant owns to others at all (PRODUCT rules 4 and 14). */
export function mayHandOut(op: SignedInOp, kind: string): Verdict {
  const descriptor = kindOf(kind)
  return unless(
    !op.tenant.isMaster && 'Only the provider assigns and publishes',
    (!descriptor || !can(op, descriptor.permission, 'full')) && 'You may see these, but not assign them',
    op.gate.state === 'off' && 'Turn multi-tenancy on in Settings > Multi-tenancy first',
    op.gate.state === 'unlicensed' && 'Multi-tenant requires an Enterprise license',
  )
}

export function mayMake(op: SignedInOp, kind: string): Verdict {
  const descriptor = kindOf(kind)
  return unless(
    !descriptor?.canBeCreated && 'It comes by enrolment',
    !mayCreate(op.reach, kind, null) &&
      !canInSomeCloud(op, kind) &&
      `You may see ${plural(kind)}, but not make one`,
  )
}

const plural = (kind: string): string => kindOf(kind)?.plural.toLowerCase() ?? kind

/** A role that is scoped to a cloud makes things there only. */
const canInSomeCloud = (op: SignedInOp, kind: string): boolean =>
  op.reach.held.some(({ scope }) => scope?.kind === 'cloud' && mayCreate(op.reach, kind, scope.value))

/** What this person may do with a resource that they see, with the reason where not. */
export function abilities(op: SignedInOp, row: Facts): ResourceDetail['can'] {
  const edit = verdict(op, row, 'edit')
  const owned = row.ownerId === op.tenant.id
  const here = row.assignedId === op.tenant.id
  const handOut = mayHandOut(op, row.kind)
  const kind = kindOf(row.kind)
  const own = !owned && whyNotTheTenant(op, row)
  const not = (one: Verdict) => !one.allowed && (one.reason ?? READ_ONLY)
  return {
    act: kind?.canBeActedOn
      ? verdict(op, row, 'act')
      : { allowed: false, reason: 'There is nothing to do with it' },
    edit,
    rename: unless(
      not(edit),
      row.found === true && toldBy(row),
      !mayRename(op.tenant.id, row) && 'Its owner, or an admin of the share, renames it',
    ),
    remove: unless(not(verdict(op, row, 'delete')), row.found === true && foundIn(row)),
    assign: unless(
      own,
      not(edit),
      not(handOut),
      !kind?.canBeAssigned && `${kind?.plural ?? 'These'} cannot be assigned`,
    ),
    publish: unless(
      own,
      not(edit),
      !op.tenant.isMaster && 'What a tenant owns is always private',
      not(handOut),
      !here && 'Assigned to a tenant, so it is private',
      !kind?.canBePublic && `${kind?.plural ?? 'These'} cannot be public`,
    ),
    share: unless(
      own,
      not(edit),
      !here && 'Assigned to a tenant, which alone uses it',
      !kind?.canBeGranted && `${kind?.plural ?? 'These'} cannot be shared`,
      !op.tenant.isMaster && !op.tenant.cap?.sharing && 'Your provider has not allowed this tenant to share',
      !can(op, 'sharing', 'full') && 'You may not share',
    ),
  }
}
