'use client'

import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { AccessValues } from '@/app/(console)/_components/resources/form/access-section'
import {
  type FormValues,
  initialValues,
  inputOf,
} from '@/app/(console)/_components/resources/form/form-values'
import { tenantOption } from '@/app/(console)/_components/resources/tenant-picker'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { toast } from '@/ui/toast'

/** State of the form for a resource: what is typed, what is wrong, whether somebody else changed it meanwhile. */
export function useResourceForm(kind: KindView, prefix: TenantPrefix, resource?: ResourceDetail) {
  const router = useRouter()
  const form = useSubmit('resource')
  const [values, setValues] = useState<FormValues>(() => initialValues(kind, resource))
  const [access, setAccess] = useState<AccessValues | null>(() => accessOf(resource))
  const [overtaken, setOvertaken] = useState(false)
  // As it was read; after somebody else's change, as it is now and is meant to be overwritten.
  const version = useRef(resource?.updatedAt ?? '')
  const change = accessChange(access, resource)

  const save = async () => {
    const input = inputOf(kind, values)
    const saved = resource
      ? await api().resources.update.mutate({
          ...input,
          id: resource.id,
          updatedAt: version.current,
          access: change,
        })
      : await api().resources.create.mutate({ ...input, cloudId: values.cloud?.id })
    toast.success(resource ? `${saved.name} is saved.` : `${saved.name} is created.`)
    router.push(consolePaths(prefix).resource(kind, saved.id))
    router.refresh()
  }
  const submit = () => {
    setOvertaken(false)
    return form.submit(async () => {
      try {
        await save()
      } catch (error) {
        if (resource && problemOf(error).status === 409)
          setOvertaken(await isOvertaken(resource, version.current))
        throw error
      }
    })
  }
  return {
    form,
    values,
    change: (part: Partial<FormValues>) => setValues((before) => ({ ...before, ...part })),
    access,
    setAccess,
    accessChange: change,
    submit,
    overtaken,
    /** Saves what is typed over what somebody else saved meanwhile. */
    overwrite: async () => {
      if (!resource) return
      version.current = (await api().resources.get.query({ kind: kind.kind, id: resource.id })).updatedAt
      await submit()
    },
  }
}

const accessOf = (resource?: ResourceDetail): AccessValues | null =>
  resource?.assignedTenant
    ? { visibility: resource.visibility, tenant: tenantOption(resource.assignedTenant) }
    : null

/** What differs from how it is; assigning makes private by itself. */
function accessChange(access: AccessValues | null, resource?: ResourceDetail) {
  if (!access || !resource?.assignedTenant) return undefined
  const moves = access.tenant.value !== resource.assignedTenant.id
  const tenantId = moves ? access.tenant.value : undefined
  const before = moves ? 'private' : resource.visibility
  const isMasters = resource.relation === 'owner' && (moves || resource.assignedHere)
  const visibility = isMasters && access.visibility !== before ? access.visibility : undefined
  return tenantId === undefined && visibility === undefined ? undefined : { tenantId, visibility }
}

/** Whether somebody saved it since this form read it; then what is typed here is kept, and may be saved over it. */
async function isOvertaken({ kind, id }: ResourceDetail, version: string): Promise<boolean> {
  const now = await api()
    .resources.get.query({ kind, id })
    .catch(() => null)
  return now !== null && now.updatedAt !== version
}
