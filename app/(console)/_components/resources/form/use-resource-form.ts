'use client'

import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { AccessSection, AccessValues } from '@/app/(console)/_components/resources/form/access-section'
import {
  type FormValues,
  initialValues,
  inputOf,
  type Named,
  type TenantChoice,
} from '@/app/(console)/_components/resources/form/form-values'
import { tenantOption } from '@/app/(console)/_components/resources/tenant-picker'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { toast } from '@/ui/toast'

/** State of the form for a resource: what is typed, what is wrong, whether somebody else changed it meanwhile. */
export function useResourceForm(
  kind: KindView,
  prefix: TenantPrefix,
  resource?: ResourceDetail,
  master?: TenantChoice,
) {
  const router = useRouter()
  const form = useSubmit('resource')
  const [values, setValues] = useState<FormValues>(() => initialValues(kind, resource))
  const [access, setAccess] = useState<AccessValues | null>(() => accessOf(resource, master))
  const [overtaken, setOvertaken] = useState(false)
  // As it was read; after somebody else's change, as it is now and is meant to be overwritten.
  const version = useRef(resource?.updatedAt ?? '')
  const handed = resource ? accessChange(access, resource) : newAccess(access, values.cloud, master)

  const save = async () => {
    const input = inputOf(kind, values, resource?.told)
    const saved = resource
      ? await api().resources.update.mutate({
          ...input,
          id: resource.id,
          updatedAt: version.current,
          access: handed,
        })
      : await api().resources.create.mutate({ ...input, cloudId: values.cloud?.id, access: handed })
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
    change: (part: Partial<FormValues>) => {
      setValues((before) => ({ ...before, ...part }))
      // What is put into a cloud that is assigned away goes where the cloud went (rule 4).
      if (part.cloud !== undefined && master)
        setAccess((before) => before && { ...before, tenant: tenantOption(part.cloud?.tenant ?? master) })
    },
    access,
    setAccess,
    whatIf: resource
      ? whatIfEdited(kind.kind, resource.id, handed)
      : whatIfNew(kind.kind, values, handed, master),
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

function accessOf(resource?: ResourceDetail, master?: TenantChoice): AccessValues | null {
  if (!resource) return master ? { visibility: 'private', tenant: tenantOption(master) } : null
  const { assignedTenant, visibility } = resource
  return assignedTenant ? { visibility, tenant: tenantOption(assignedTenant) } : null
}

type Handed = { visibility?: 'private' | 'public'; tenantId?: string } | undefined

/** What differs from how it would be born: private, and its cloud's tenant's or the master's. */
function newAccess(access: AccessValues | null, cloud: Named | null, master?: TenantChoice): Handed {
  if (!access || !master) return undefined
  const tenant = access.tenant.value
  const tenantId = tenant === (cloud?.tenant ?? master).id ? undefined : tenant
  const visibility = tenant === master.id && access.visibility === 'public' ? ('public' as const) : undefined
  return tenantId === undefined && visibility === undefined ? undefined : { tenantId, visibility }
}

type WhatIf = Pick<Parameters<typeof AccessSection>[0], 'question' | 'ask'>

function whatIfEdited(kind: string, id: string, access: Handed): WhatIf {
  const input = { kind, id, access: access ?? {} }
  return {
    question: access ? JSON.stringify(input) : null,
    ask: (signal) => api().resources.accessPreview.query(input, { signal }),
  }
}

function whatIfNew(kind: string, { name, cloud }: FormValues, access: Handed, master?: TenantChoice): WhatIf {
  const input = { kind, name: name.trim(), cloudId: cloud?.id, access: access ?? {} }
  const goesAway = cloud?.tenant !== undefined && cloud.tenant.id !== master?.id
  return {
    question: access || goesAway ? JSON.stringify(input) : null,
    ask: (signal) => api().resources.createPreview.query(input, { signal }),
  }
}

/** What differs from how it is; assigning makes private by itself. */
function accessChange(access: AccessValues | null, resource: ResourceDetail): Handed {
  if (!access || !resource.assignedTenant) return undefined
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
