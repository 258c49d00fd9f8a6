'use client'

import { useState, type FormEvent } from 'react'
import { api } from '@/app/_lib/api-client'
import { useHostAction } from '@/app/(console)/infrastructure/hosts/_components/use-host-action'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  hosts: readonly { id: string; name: string }[]
  onClose: () => void
  onDone?: () => void
}

async function findTenants(search: string, signal: AbortSignal): Promise<PickerOption[]> {
  const { rows } = await api().hosts.assignableTenants.query({ search }, { signal })
  return rows.map(({ id, name, icon }) => ({
    value: id,
    label: name,
    icon: <TenantMark name={name} icon={icon} seed={id} size="sm" />,
  }))
}

/** Actions > Assign Tenant: gives hosts to one tenant for use, all of them or none (PRODUCT rule 4). */
export function AssignDialog({ hosts, onClose, onDone }: Props) {
  const [tenant, setTenant] = useState<PickerOption | null>(null)
  const { pending, error, run } = useHostAction(() => {
    onClose()
    onDone?.()
  })
  const [first] = hosts
  const what = hosts.length === 1 && first ? first.name : `${hosts.length} hosts`
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!tenant || pending) return
    const ids = hosts.map(({ id }) => id)
    void run(
      () => api().hosts.assign.mutate({ ids, tenantId: tenant.value }),
      `${what} assigned to ${tenant.label}.`,
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={`Assign ${what}`}
      description="The tenant uses it and sees it in its own console. You keep control of it."
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={!tenant && 'Choose a tenant first'}
          >
            Assign
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        <Field label="Tenant" hint="Choose the master tenant to take it back.">
          <Picker label="Tenant" value={tenant?.value ?? null} onChange={setTenant} search={findTenants} />
        </Field>
        <ul className="grid list-disc gap-1 pl-4 text-sm text-muted">
          <li>Who uses it now loses sight of it at once.</li>
          <li>It becomes private, whatever it was before.</li>
          <li>The logs of the tenants on both sides say so.</li>
        </ul>
      </div>
    </Dialog>
  )
}
