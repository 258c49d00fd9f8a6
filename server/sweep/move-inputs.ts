import { mara, empty, type Valid } from '@/server/sweep/asking'
import { resourceId, tenantId } from '@/test/factories'
import { HOST_MOVE } from '@/test/plant-host-move'

/** A host of the asking tenant's, to a sibling. */
const move = mara(({ tenant }) => ({
  ids: [resourceId(tenant === 'M' ? 'master private' : `${tenant} web`)],
  tenantId: tenantId(tenant === 'B' ? 'A' : 'B'),
}))
const ofMove = mara(() => ({ id: HOST_MOVE }))

/** As VALID, of the migration of hosts. */
export const OF_MOVES: Record<string, Valid> = {
  'hostMoves.preview': move,
  'hostMoves.start': move,
  'hostMoves.list': mara(empty),
  'hostMoves.get': ofMove,
  'hostMoves.undoPreview': ofMove,
  'hostMoves.undo': ofMove,
}
