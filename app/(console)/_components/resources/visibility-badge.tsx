import type { ResourceListRow } from '@/server/features/resources/resources.schema'
import { Badge } from '@/ui/badge'

type Row = Pick<ResourceListRow, 'visibility' | 'relation' | 'grantRole'>

/** How the acting tenant comes to have it, where that is not plain ownership; and as what it is shared with it. */
export function VisibilityBadge({ row }: { row: Row }) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      {row.visibility === 'public' ? (
        <Badge tone="info">Public</Badge>
      ) : row.relation === 'assigned' ? (
        <Badge tone="accent">Assigned to you</Badge>
      ) : (
        row.relation === 'owner' && <Badge>Private</Badge>
      )}
      {row.relation === 'granted' && <Badge tone="info">Shared: {row.grantRole}</Badge>}
    </span>
  )
}
