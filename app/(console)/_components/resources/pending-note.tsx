import type { ResourceKind } from '@/lib/resource-kinds/kind'
import { Alert } from '@/ui/alert'

/** What of a kind does nothing yet; nothing where all of it works. */
export function PendingNote({ kind }: { kind: Pick<ResourceKind, 'pending'> }) {
  return kind.pending ? <Alert className="mb-4">{kind.pending}</Alert> : null
}
