import {
  type Access,
  accessOf,
  type AccessRule,
  type Claim,
  type ClaimAction,
  rankAccess,
  type Scope,
} from '@/lib/access'
import {
  atLeast,
  type Level,
  OF_KINDS,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
  type Rights,
} from '@/lib/permissions'
import { KINDS } from '@/lib/resource-kinds/registry'
import { capOf, claims, type Held, type HeldRole, levelOf, type Reach, readHeld } from '@/server/authz/reach'

/**
 * Who gives a role: somebody of the tenant, by what they hold there, or somebody of its provider, by the rights they hold in the
 * master: the tenant's cap alone holds what they give.
 */
export type Giver = { provider: true; rights: Rights } | { provider: false; rights: Rights; reach: Reach }

const ONLY_OWNERS =
  'Only an owner, or the provider with “Manage multi-tenancy”, gives and takes the Owner role'
const OF_KIND: ReadonlySet<Permission> = new Set(OF_KINDS)
const LABEL: Record<Level, string> = {
  none: 'none',
  read: 'read',
  user: 'own',
  group: 'groups',
  full: 'full',
}

/**
 * Why the giver may not give these assignments; null: they may. Nobody gives more than they hold (PRODUCT rule 8), in levels and
 * in reach: whatever the assignment lets somebody do, one of the giver's own lets the giver do, in the same scope, and no cut or
 * entry of the giver's is missing. Where that cannot be said from the roles alone (a single host that now happens to be in a group of
 * the giver's), the answer is no: it would outlive the moment.
 */
export function coverRefusal(giver: Giver, given: readonly HeldRole[]): string | null {
  const owns = giver.provider ? giver.rights.tenants === 'full' : giver.reach.held.some((own) => own.owns)
  for (const role of given) {
    const held = readHeld(role)
    // Who owns a tenant may hand it over and delete it, which no level says
    if (held.owns && !owns) return ONLY_OWNERS
    if (giver.provider) continue
    const missing = tenantWide(giver, held) ?? ofKinds(giver.reach, held)
    if (missing !== null) return `This role may do more than you may: ${missing}`
  }
  return null
}

/** Users, roles, the audit log and the like: compared by rank. A scoped assignment gives none of them. */
function tenantWide(giver: { rights: Rights; reach: Reach }, given: Held): string | null {
  if (given.scope) return null
  for (const name of PERMISSION_NAMES) {
    if (OF_KIND.has(name)) continue
    const level = levelOf(giver.reach, given, name)
    if (!atLeast(giver.rights[name], level)) return more(name, level, giver.rights[name])
  }
  return null
}

const more = (name: Permission, level: Level, held: Level): string =>
  `${PERMISSIONS[name].label} ${LABEL[level]} (you hold ${LABEL[held]})`

function ofKinds(reach: Reach, given: Held): string | null {
  for (const permission of OF_KINDS) {
    const of = new Covering(reach, given, permission)
    const label = PERMISSIONS[permission].label
    if (!of.levelIsCovered()) return of.best() ?? `${label}, where your own reach is narrower`
    if (!of.claimsAreCovered()) return `${label}, by its claims`
    if (!of.entriesAreCovered()) return `${label}, by what it says of single resources`
  }
  return null
}

/** What a level is made of: `user` and `group` do not see all that `read` sees. */
const INCLUDES: Record<Level, readonly Level[]> = {
  none: ['none'],
  read: ['none', 'read'],
  user: ['none', 'user'],
  group: ['none', 'user', 'group'],
  full: ['none', 'read', 'user', 'group', 'full'],
}
const CREATES: ReadonlySet<Level> = new Set(['user', 'group', 'full'])
const enough = (held: Access, wanted: Access) => rankAccess(held) >= rankAccess(wanted)
const atMost = (access: Access, most: Access): Access => (enough(access, most) ? most : access)

/** Whether a rule gives nowhere more than another, as far as `most` matters. */
function within(rule: AccessRule, other: AccessRule, most: Access): boolean {
  const ids = new Set([...Object.keys(rule.entries), ...Object.keys(other.entries)])
  return (
    enough(other.default, atMost(rule.default, most)) &&
    [...ids].every((id) => enough(accessOf(other, id), atMost(accessOf(rule, id), most)))
  )
}

/** Whether a rule gives `wanted` whatever the id. */
const everywhere = (rule: AccessRule, wanted: Access): boolean =>
  [rule.default, ...Object.values(rule.entries)].every((access) => enough(access, wanted))

const sameScope = (own: Scope, given: Scope): boolean =>
  own === null || (given !== null && own.kind === given.kind && own.value === given.value)

/** One assignment that is given, looked at for one permission over kinds. */
class Covering {
  private readonly cap: Level
  private readonly level: Level
  private readonly kinds: readonly string[]
  /** Those of the giver's assignments that hold wherever the given one does. */
  private readonly own: readonly Held[]

  constructor(
    private readonly reach: Reach,
    private readonly given: Held,
    private readonly permission: Permission,
  ) {
    this.cap = capOf(reach, permission)
    this.level = levelOf(reach, given, permission)
    this.kinds = KINDS.filter((kind) => kind.permission === permission).map(({ kind }) => kind)
    this.own = reach.held.filter((held) => sameScope(held.scope, given.scope))
  }

  /** In words: the level, where the giver's own is plainly lower. */
  best(): string | null {
    const levels = this.own.map((held) => this.levelOf(held))
    if (levels.some((level) => INCLUDES[level].includes(this.level))) return null
    const best = levels.reduce((a, b) => (atLeast(a, b) ? a : b), 'none' as Level)
    return more(this.permission, this.level, best)
  }

  levelIsCovered(): boolean {
    if (this.level === 'none') return true
    const most = this.level === 'read' ? 'read' : 'full'
    return (
      this.own.some(
        (held) => INCLUDES[this.levelOf(held)].includes(this.level) && this.fits(held, this.level, most),
      ) && this.exceptions(most)
    )
  }

  claimsAreCovered(): boolean {
    return this.given.access.claims.every((claim) => {
      const wanted = this.wantedOf(claim)
      if (wanted.length === 0) return true
      const most = wanted.every((action) => SEES.has(action)) ? 'read' : 'full'
      return (
        wanted.every((action) => this.own.some((held) => this.coversAction(held, claim, action))) &&
        this.exceptions(most, claim.resources)
      )
    })
  }

  entriesAreCovered(): boolean {
    if (this.cap === 'none') return true
    const { resources } = this.given.access
    return resources
      .filter(({ kind, access }) => this.kinds.includes(kind) && access !== 'none')
      .every(({ id, kind, access }) => {
        const wanted = this.cap === 'read' ? 'read' : access
        return this.byEntry(id, wanted) ?? this.own.some((held) => this.coversEntry(held, id, kind, wanted))
      })
  }

  private readonly levelOf = (held: Held): Level => levelOf(this.reach, held, this.permission)

  /** Whether groups, clouds and Instance Types of the giver's assignment cut no more than the given one's. */
  private fits(held: Held, level: Level, most: Access): boolean {
    const [own, given] = [held.access, this.given.access]
    const byGroups = this.levelOf(held) === 'group' && level === 'group'
    if ((byGroups || this.cap === 'group') && !within(given.groups, own.groups, 'full')) return false
    const { scope } = this.given
    const inClouds =
      scope?.kind === 'cloud'
        ? enough(accessOf(own.clouds, scope.value), atMost(accessOf(given.clouds, scope.value), most))
        : within(given.clouds, own.clouds, most)
    return (
      inClouds &&
      (!this.kinds.includes('instance_type') || within(given.instanceTypes, own.instanceTypes, most))
    )
  }

  /** Actions of a claim that concern these kinds and that the cap leaves. */
  private wantedOf(claim: Claim): ClaimAction[] {
    if (!this.kinds.some((kind) => claims(claim, kind)) || this.cap === 'none') return []
    const actions = claim.actions.includes('*') ? ALL : (claim.actions as readonly ClaimAction[])
    const left = this.cap === 'read' ? actions.filter((action) => SEES.has(action)) : [...actions]
    return left.filter((action) => action !== 'create' || claim.resources.includes('*'))
  }

  private coversAction(held: Held, claim: Claim, action: ClaimAction): boolean {
    const most = SEES.has(action) ? 'read' : 'full'
    if (!this.fits(held, 'full', most)) return false
    const level = this.levelOf(held)
    if (INCLUDES[level].includes(this.cap)) return true
    if (most === 'read' && INCLUDES[level].includes('read')) return true
    if (action === 'create' && CREATES.has(level)) return true
    return held.access.claims.some(
      (own) =>
        this.kinds.every((kind) => !claims(claim, kind) || claims(own, kind)) &&
        own.actions.some((one) => one === '*' || one === action || (SEES.has(one) && SEES.has(action))) &&
        (own.resources.includes('*') || claim.resources.every((id) => own.resources.includes(id))),
    )
  }

  private coversEntry(held: Held, id: string, kind: string, wanted: Access): boolean {
    const level = this.levelOf(held)
    const need: Level = this.cap === 'full' ? (wanted === 'read' ? 'read' : 'full') : this.cap
    if (!INCLUDES[level].includes(need)) return false
    const { clouds, groups, instanceTypes } = held.access
    if (need === 'group' && !within(this.given.access.groups, groups, 'full')) return false
    return (
      everywhere(clouds, wanted) && (kind !== 'instance_type' || enough(accessOf(instanceTypes, id), wanted))
    )
  }

  /** Whether what the giver's entries say of single resources is kept, for what the given assignment reaches by level or claim. */
  private exceptions(wanted: Access, ids: readonly string[] = ['*']): boolean {
    const { scope, access } = this.given
    const own = new Set(this.reach.held.flatMap((held) => this.entriesOf(held).map(({ id }) => id)))
    return [...own].every((id) => {
      const outside = scope?.kind === 'resource' && scope.value !== id
      if (outside || !(ids.includes('*') || ids.includes(id))) return true
      // Its own entries are looked at by themselves.
      if (access.resources.some((entry) => entry.id === id)) return true
      // Level read sees everything, also under a cap that cuts entries down to what is one's own or one's groups'.
      if (this.level === 'read' && (this.cap === 'user' || this.cap === 'group')) return false
      return this.byEntry(id, wanted) ?? true
    })
  }

  private readonly entriesOf = (held: Held) =>
    held.access.resources.filter(({ kind }) => this.kinds.includes(kind))

  /**
   * Whether the giver's entries on a resource give `wanted`, in every case; null: they may not hold there, and whatever holds
   * then decides.
   */
  private byEntry(id: string, wanted: Access): boolean | null {
    const all = this.reach.held.flatMap((held) =>
      this.entriesOf(held)
        .filter((entry) => entry.id === id)
        .map(({ access }) => ({
          held,
          access,
          sure: sameScope(held.scope, this.given.scope) || isThis(held.scope, id),
        })),
    )
    const gives = ({ held, access }: { held: Held; access: Access }) =>
      enough(access, wanted) &&
      (this.cap !== 'group' || within(this.given.access.groups, held.access.groups, 'full'))
    const sure = all.filter((one) => one.sure)
    if (sure.length > 0) return sure.some(gives)
    return all.every(gives) ? null : false
  }
}

const isThis = (scope: Scope, id: string): boolean => scope?.kind === 'resource' && scope.value === id
const SEES: ReadonlySet<ClaimAction | '*'> = new Set(['list', 'get'])
const ALL: readonly ClaimAction[] = ['list', 'get', 'create', 'update', 'delete', 'action']
