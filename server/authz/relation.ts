import type { Verb } from '@/lib/access'
import { allVerbs } from '@/server/authz/reach'

/** How a tenant comes to see a resource: the first that fits (docs/decisions/0012). */
export type Relation = 'owner' | 'assigned' | 'granted' | 'public'
export type GrantRole = 'viewer' | 'editor' | 'admin'

/** What decides the relation of a tenant to a resource that it sees. */
export interface RelationRow {
  kind: string
  ownerId: string
  assignedId: string
  /** Role of the best live grant to the tenant, of this resource or of all of its kind. */
  grantRole: GrantRole | null
}

export function relationOf(tenantId: string, row: RelationRow): Relation {
  if (row.ownerId === tenantId) return 'owner'
  if (row.assignedId === tenantId) return 'assigned'
  return row.grantRole ? 'granted' : 'public'
}

/** What the tenant may do with it, whoever acts (PRODUCT rules 2, 3, 5 and 16). */
export function verbsOfRelation(tenantId: string, row: RelationRow): Set<Verb> {
  const can = (...verbs: Verb[]) => new Set(verbs.filter((verb) => allVerbs(row.kind).includes(verb)))
  switch (relationOf(tenantId, row)) {
    case 'owner':
      // The master controls what it assigned away, and does not use it (rule 2).
      return row.assignedId === tenantId ? can('see', 'act', 'edit', 'delete') : can('see', 'edit', 'delete')
    case 'assigned':
      return can('see', 'act')
    case 'granted':
      return row.grantRole === 'viewer' ? can('see') : can('see', 'act', 'edit')
    case 'public':
      return can('see')
  }
}

/** Whether the tenant may rename it: its owner, or an admin of a share. */
export const mayRename = (tenantId: string, row: RelationRow): boolean =>
  row.ownerId === tenantId || (relationOf(tenantId, row) === 'granted' && row.grantRole === 'admin')
