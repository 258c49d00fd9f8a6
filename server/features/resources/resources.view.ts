import { relationOf } from '@/server/authz/relation'
import type { SignedInOp } from '@/server/context/op'
import type { LinkRecord } from './resource-links.repo'
import type { ResourceRow } from './resource-list.repo'
import { abilities, toldBy } from './resources.policy'
import type { ResourceRecord } from './resources.repo'
import type { ResourceDetail, ResourceListRow } from './resources.schema'

/** A row of a list: what the acting tenant may know of it. */
export function toRow(op: SignedInOp, row: ResourceRow | ResourceRecord): ResourceListRow {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    visibility: row.visibility,
    state: row.state,
    relation: relationOf(op.tenant.id, row),
    grantRole: row.grantRole,
    // Which tenants there are is the master's to know.
    assignedTenant: op.tenant.isMaster
      ? { id: row.assignedId, name: row.assignedName ?? '', icon: row.assignedIcon ?? '' }
      : null,
    assignedHere: row.assignedId === op.tenant.id,
    cloud: row.cloudId !== null && row.cloudName !== null ? { id: row.cloudId, name: row.cloudName } : null,
    spec: row.spec,
  }
}

function refsOf(links: readonly LinkRecord[]): ResourceDetail['refs'] {
  const refs: ResourceDetail['refs'] = {}
  for (const { field, targetId, kind, name } of links) (refs[field] ??= []).push({ id: targetId, kind, name })
  return refs
}

/** A resource with all that this person may know of it and do with it. */
export function toDetail(
  op: SignedInOp,
  row: ResourceRecord,
  links: readonly LinkRecord[],
  attached: ResourceDetail['attached'],
  tags: string[],
): ResourceDetail {
  return {
    ...toRow(op, row),
    updatedAt: row.updatedAt.toISOString(),
    parent:
      row.parentId !== null && row.parentName !== null && row.parentKind !== null
        ? { id: row.parentId, kind: row.parentKind, name: row.parentName }
        : null,
    told: row.found ? { why: toldBy(row), fields: row.toldFields } : null,
    refs: refsOf(links),
    attached,
    tags,
    can: abilities(op, row),
  }
}
