import type { SealPlace } from '@/server/platform/seal'

/** Where the secret of a connection is sealed for: its owner, its cloud, and the server it is for; elsewhere it opens nothing (attacks I07, I17). */
export const secretPlace = (ownerId: string, cloudId: string, endpoint: string): SealPlace => ({
  purpose: `cloud ${endpoint}`,
  tenantId: ownerId,
  rowId: cloudId,
})
