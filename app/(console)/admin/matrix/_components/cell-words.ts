import { levelOf, LEVEL_WORDS, type Reason, reasonWords } from '@/lib/matrix'
import { kindOf, labelOfKind } from '@/lib/resource-kinds/registry'
import type { MatrixRow, MatrixTenant } from '@/server/features/matrix/matrix.schema'
import type { PendingCell } from './use-matrix-edit'

/** A cell in words: who, what, how and why; and what waits to be changed. */
export function cellWords(
  row: MatrixRow,
  tenant: MatrixTenant,
  reasons: readonly Reason[] | undefined,
  change?: PendingCell,
): string {
  const where = `${tenant.name}, ${labelOfKind(row.kind)} ${row.name}`
  if (!reasons) return `${where}: loading`
  const names = { cloud: row.cloud?.name, kinds: kindOf(row.kind)?.plural ?? row.kind }
  const why = reasons
    .filter((reason) => reason !== 'assigned' || !reasons.includes('owner'))
    .map((reason) => reasonWords(reason, names))
  const text = `${where}: ${LEVEL_WORDS[levelOf(reasons)]}${why.length > 0 ? ` (${why.join('; ')})` : ''}`
  return change ? `${text}. To be changed to: ${LEVEL_WORDS[change.to]}` : text
}
