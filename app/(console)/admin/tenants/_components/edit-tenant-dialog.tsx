'use client'

import { useEffect, useState, type FormEvent } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { WhatIfLines } from '@/app/(console)/_components/roles/save-bar'
import { useWhatIf } from '@/app/(console)/_components/roles/use-what-if'
import {
  TenantFields,
  type TenantChoices,
  type TenantValues,
} from '@/app/(console)/admin/tenants/_components/tenant-fields'
import type { TenantDetail } from '@/server/features/tenants/tenants.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { SkeletonText } from '@/ui/skeleton'
import { toast } from '@/ui/toast'

interface Props {
  tenant: { id: string; name: string }
  onClose: () => void
  onDone: () => void
}

/** Edits a tenant; loads it fresh, so that nobody works on what is old. */
export function EditTenantDialog({ tenant, onClose, onDone }: Props) {
  const [loaded, setLoaded] = useState<{ detail: TenantDetail; choices: TenantChoices } | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    let stale = false
    Promise.all([
      api().tenants.get.query({ id: tenant.id }),
      api().tenants.formOptions.query(),
      api().tenantRoles.options.query(),
    ])
      .then(
        ([detail, { currencies }, roles]) => stale || setLoaded({ detail, choices: { currencies, roles } }),
      )
      .catch((reason: unknown) => stale || setError(problemOf(reason).message))
    return () => void (stale = true)
  }, [tenant.id])
  if (loaded) return <EditForm {...loaded} onClose={onClose} onDone={onDone} />
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Edit ${tenant.name}`}
      footer={<Button onClick={onClose}>Cancel</Button>}
    >
      {error ? <Alert tone="danger">{error}</Alert> : <SkeletonText lines={8} />}
    </Dialog>
  )
}

const valuesOf = (t: TenantDetail): TenantValues => ({
  name: t.name,
  description: t.description,
  icon: t.icon,
  tenantRoleId: t.role?.id ?? '',
  currency: t.currency,
  accountNumber: t.accountNumber,
  accountName: t.accountName,
  customerNumber: t.customerNumber,
})

const askBaseRole = (key: string, signal: AbortSignal) =>
  api().tenants.previewBaseRole.query(JSON.parse(key) as { id: string; tenantRoleId: string }, { signal })

type FormProps = { detail: TenantDetail; choices: TenantChoices; onClose: () => void; onDone: () => void }

function EditForm({ detail, choices, onClose, onDone }: FormProps) {
  const [values, setValues] = useState(() => valuesOf(detail))
  const form = useSubmit('edit-tenant')
  const { tenantRoleId } = values
  const moves = !detail.master && tenantRoleId !== '' && tenantRoleId !== detail.role?.id
  const whatIf = useWhatIf(moves ? JSON.stringify({ id: detail.id, tenantRoleId }) : null, askBaseRole)
  const save = async () => {
    const baseRole = { tenantRoleId: detail.master ? null : tenantRoleId }
    await api().tenants.update.mutate({ ...values, ...baseRole, id: detail.id, updatedAt: detail.updatedAt })
    toast.success(`${values.name.trim()} is saved.`)
    onDone()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Edit ${detail.name}`}
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending}>
            Save changes
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} />
        <TenantFields
          values={values}
          change={(change) => setValues((before) => ({ ...before, ...change }))}
          field={form.field}
          choices={choices}
          master={detail.master}
          whatIf={<WhatIfLines whatIf={whatIf} />}
        />
        <p className="text-xs text-muted">
          The subdomain <span className="font-mono">{detail.slug}</span> stays: links, agents and sign-in
          depend on it.
        </p>
      </div>
    </Dialog>
  )
}
