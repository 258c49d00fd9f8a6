'use client'

import { api, postApi } from '@/app/_lib/api-client'
import type { CreateRole, PreviewRole, UpdateRole } from '@/server/features/roles/roles.schema'

type New = Omit<CreateRole, 'multiTenant' | 'description'> & { description: string; multiTenant?: boolean }
type Changed = Omit<UpdateRole, 'description'> & { description: string }

/**
 * The procedures for roles of the acting tenant, or as its provider for those of a subtenant.
 * @param tenantId of the subtenant
 */
export function rolesApi(tenantId?: string) {
  if (tenantId === undefined) {
    const { roles } = api()
    return {
      create: (input: New) => roles.create.mutate(input),
      update: (input: Changed) => roles.update.mutate(input),
      preview: (input: PreviewRole, signal?: AbortSignal) => postApi().roles.preview.query(input, { signal }),
      delete: (id: string) => roles.delete.mutate({ id }),
      diff: (id: string) => roles.diff.query({ id }),
      previewRelink: (id: string) => roles.previewRelink.query({ id }),
      relink: (id: string) => roles.relink.mutate({ id }),
    }
  }
  const { rolesIn } = api()
  return {
    create: ({ multiTenant: _own, ...input }: New) => rolesIn.create.mutate({ tenantId, ...input }),
    update: (input: Changed) => rolesIn.update.mutate({ tenantId, ...input }),
    preview: (input: PreviewRole, signal?: AbortSignal) =>
      postApi().rolesIn.preview.query({ tenantId, ...input }, { signal }),
    delete: (id: string) => rolesIn.delete.mutate({ tenantId, id }),
    diff: (id: string) => rolesIn.diff.query({ tenantId, id }),
    previewRelink: (id: string) => rolesIn.previewRelink.query({ tenantId, id }),
    relink: (id: string) => rolesIn.relink.mutate({ tenantId, id }),
  }
}
