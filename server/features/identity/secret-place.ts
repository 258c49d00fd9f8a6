import type { SealPlace } from '@/server/platform/seal'

/** Where the secret of a source is sealed for: its tenant and row; elsewhere it opens nothing. */
export const secretPlace = (tenantId: string, sourceId: string): SealPlace => ({
  purpose: 'identity source',
  tenantId,
  rowId: sourceId,
})
