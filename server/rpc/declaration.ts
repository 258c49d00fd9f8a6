import type { Capability } from '@/lib/capabilities'
import type { Level, Permission } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'

/** What an id in the input names; the sweep feeds each with foreign ones of that kind. */
export type IdKind =
  | 'tenant'
  | 'user'
  | 'role'
  | 'tenantRole'
  | 'resource'
  | 'group'
  | 'task'
  | 'grant'
  | 'enrolmentToken'
  | 'session'
  | 'auditEvent'
  | 'matrixChange'
  | 'hostMove'
  /** A host of whatever tenant: parent-level users of the master name them all (PRODUCT rule 13). */
  | 'anyHost'
  | 'mail'
  | 'invitation'
  | 'identitySource'
  | 'scimConnection'
  | 'scimGroup'
  | 'scimSchema'
  | 'impersonation'
  | 'passkey'
  | 'signUp'
  | 'licence'

/**
 * The one statement of a procedure, route or page. From it come authorisation, the licence gate, the audit row, the
 * golden matrix, the permission table in docs/generated and the sweep that attacks it.
 */
export interface Declaration {
  /** public: nobody signed in needed; self: any signed-in person, about themselves; tenant: in the acting tenant;
   * master: in the master tenant only; agent: an enrolled machine; scim: the directory that holds a connection's token. */
  scope: 'public' | 'self' | 'tenant' | 'master' | 'agent' | 'scim'
  /** Needed in scope tenant and master. */
  permission?: readonly [Permission, Level]
  /** Part of multi-tenancy: `use` needs it on and once licensed, `grow` a current licence (rule 14). */
  licence?: 'use' | 'grow'
  /** Of the licence, for what needs more than multi-tenancy (402 without it, rule 14). */
  capability?: Capability
  /** Name of the audit event a mutation writes; `none` for what only reads. */
  audit: string
  /** Dotted path of each input field that is an id (or an array of ids), and what of. */
  ids?: Readonly<Record<string, IdKind>>
  /**
   * For somebody of the master who acts as a subtenant's user (rule 12). `allowed`: a change that is plain daily work; without it a change is
   * refused. `refused`: a question that is not answered either (secrets, exports). `quits`: the way out, also of a session that only reads.
   */
  impersonating?: 'allowed' | 'refused' | 'quits'
  /**
   * What a list of allowed addresses does not keep out, and why. `anybody`: answers from everywhere; `provider`: the master's list counts in
   * place of the tenant's. Without it the tenant's own list does (docs/accounts.md).
   */
  address?: { of: 'anybody' | 'provider'; because: string }
  rest?: { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: string }
  summary: string
}

/** As Declaration; `ofKind` asks for the level of whatever permission covers the kind of resource that is named. */
export type KindDeclaration = Omit<Declaration, 'permission'> & {
  permission?: Declaration['permission'] | { readonly ofKind: Level }
}

/** What the declaration asks for of this kind: nothing of one that is none, which is then refused as input. @param kind as the caller names it, unchecked */
export function resolvePermission<D extends Pick<KindDeclaration, 'permission'>>(
  declaration: D,
  kind: unknown,
): Omit<D, 'permission'> & Pick<Declaration, 'permission'> {
  const { permission, ...rest } = declaration
  if (!permission || !('ofKind' in permission)) return { ...rest, permission }
  const of = typeof kind === 'string' ? kindOf(kind)?.permission : undefined
  return { ...rest, permission: of && ([of, permission.ofKind] as const) }
}

/** What is asked for, in words for the docs. */
export const permissionText = ({ permission }: Pick<KindDeclaration, 'permission'>): string =>
  !permission
    ? ''
    : 'ofKind' in permission
      ? `of the kind: ${permission.ofKind}`
      : `${permission[0]}: ${permission[1]}`

/** @throws Error for a declaration that contradicts itself: the process does not start with one */
export function checkDeclaration(name: string, d: KindDeclaration, kind: 'query' | 'mutation'): void {
  const wrong = (why: string) => new Error(`${name}: ${why}`)
  if ((d.scope === 'tenant' || d.scope === 'master') !== (d.permission !== undefined)) {
    throw wrong(`scope ${d.scope} ${d.permission ? 'takes no' : 'needs a'} permission`)
  }
  if (kind === 'mutation' && d.audit === 'none') throw wrong('a mutation names its audit event')
  if (kind === 'query' && d.audit !== 'none') throw wrong('a query that writes an audit row is a mutation')
  if (kind === 'query' && d.impersonating !== undefined && d.impersonating !== 'refused')
    throw wrong('a query is answered while impersonating, unless it is refused')
  if (d.impersonating === 'refused' && kind === 'mutation')
    throw wrong('a mutation is refused while impersonating anyway')
  if (d.rest && (d.rest.method === 'GET') !== (kind === 'query')) throw wrong('GET is for queries only')
}
