'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { DeleteTenantDialog } from '@/app/(console)/admin/tenants/_components/delete-tenant-dialog'
import { EditTenantDialog } from '@/app/(console)/admin/tenants/_components/edit-tenant-dialog'
import type { TenantPrefix } from '@/lib/host'
import type { BulkResult, TenantRow } from '@/server/features/tenants/tenants.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

/** A dialog over one or more tenants; `done` runs after it worked. */
export interface TenantDialog {
  kind: 'edit' | 'disable' | 'enable' | 'delete' | 'restore'
  tenants: readonly Pick<TenantRow, 'id' | 'name'>[]
  done?: () => void
}

interface Props {
  dialog: TenantDialog | null
  prefix: TenantPrefix
  onClose: () => void
}

/** The dialogs about tenants, for the list and for a tenant's page. */
export function TenantDialogs({ dialog, prefix, onClose }: Props) {
  const router = useRouter()
  const [first] = dialog?.tenants ?? []
  if (!dialog || !first) return null
  const finish = () => {
    dialog.done?.()
    onClose()
    router.refresh()
  }
  const one = { tenant: first, onClose, onDone: finish }
  switch (dialog.kind) {
    case 'edit':
      return <EditTenantDialog {...one} />
    case 'delete':
      return <DeleteTenantDialog {...one} prefix={prefix} />
    case 'restore':
      return <RestoreDialog {...one} />
    case 'disable':
    case 'enable':
      return <StatusDialog kind={dialog.kind} tenants={dialog.tenants} onClose={onClose} onDone={finish} />
  }
}

type Ref = Pick<TenantRow, 'id' | 'name'>

const WHAT = {
  disable: [
    'Their people are signed out within a second and cannot sign in',
    'Their agents’ reports are refused',
    'All data stays, and alerts and notices still go out',
  ],
  enable: ['Their people can sign in again, and agents report again'],
}

/** Names up to three tenants; counts more. */
const named = (tenants: readonly Ref[]) =>
  tenants.length > 3 ? `${tenants.length} tenants` : tenants.map(({ name }) => name).join(', ')

function StatusDialog(props: {
  kind: 'disable' | 'enable'
  tenants: readonly Ref[]
  onClose: () => void
  onDone: () => void
}) {
  const { kind, tenants, onClose, onDone } = props
  const [reason, setReason] = useState('')
  const form = useSubmit('tenant-status')
  const ids = tenants.map(({ id }) => id)
  const verb = kind === 'disable' ? 'Disable' : 'Enable'
  const run = async () => {
    const results =
      kind === 'disable'
        ? await api().tenants.disableMany.mutate({ ids, reason })
        : await api().tenants.enableMany.mutate({ ids })
    tell(`${verb}d`, results)
    onDone()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`${verb} ${named(tenants)}?`}
      tone={kind === 'disable' ? 'danger' : 'default'}
      confirmLabel={verb}
      consequences={kind === 'disable' ? WHAT.disable : undefined}
      description={kind === 'enable' ? WHAT.enable[0] : undefined}
      pending={form.pending}
      error={form.fields.reason ? null : form.errors[0]?.message}
      disabledReason={kind === 'disable' && reason.trim() === '' && 'Give a reason first'}
      onConfirm={() => void form.submit(run)}
    >
      {kind === 'disable' && (
        <Field
          {...form.field('reason')}
          label="Reason"
          required
          hint="Stands on the tenant’s page and in both audit logs."
        >
          <Textarea
            data-autofocus
            rows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      )}
    </ConfirmDialog>
  )
}

/** Says for which tenants it worked, and for which not. */
function tell(done: string, results: BulkResult): void {
  const failed = results.filter(({ ok }) => !ok)
  const worked = results.filter(({ ok }) => ok)
  toast.success(`${done}: ${named(worked)}`)
  if (failed.length > 0) {
    const description = failed.map(({ name, why }) => `${name}: ${why}`).join('; ')
    toast.error(`Not for ${named(failed)}`, { description, duration: 0 })
  }
}

function RestoreDialog({
  tenant,
  onClose,
  onDone,
}: {
  tenant: Ref
  onClose: () => void
  onDone: () => void
}) {
  const [name, setName] = useState(tenant.name)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<{ message: string; name?: string } | null>(null)
  const restore = async () => {
    setPending(true)
    try {
      await api().tenants.restore.mutate({ id: tenant.id, name: name === tenant.name ? undefined : name })
      toast.success(`${name} is restored.`)
      onDone()
    } catch (reason) {
      const problem = problemOf(reason)
      setError({ message: problem.message, name: problem.fields?.name })
      setPending(false)
    }
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Restore ${tenant.name}?`}
      description="Its users, hosts and settings come back as they were. Hosts that went back to the master stay there, and agents that uninstalled have to be enrolled again."
      tone="default"
      confirmLabel="Restore"
      pending={pending}
      error={error?.name ? null : error?.message}
      onConfirm={() => void restore()}
    >
      {error?.name && (
        <Field label="New name" error={error.name} required>
          <Input
            data-autofocus
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      )}
    </ConfirmDialog>
  )
}
