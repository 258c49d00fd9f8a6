'use client'

import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { api } from '@/app/_lib/api-client'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { TenantPicker } from '@/app/(console)/_components/resources/tenant-picker'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { CloudMovePreview } from '@/app/(console)/infrastructure/clouds/_components/move-preview'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import type { PickerOption } from '@/ui/picker-panel'

interface Props {
  kind: Pick<KindView, 'kind' | 'plural'>
  resources: readonly { id: string; name: string }[]
  onClose: () => void
  onDone?: () => void
}

/** Actions > Assign Tenant: gives things to one tenant for use, all of them or none (PRODUCT rule 4). */
export function AssignDialog({ kind, resources, onClose, onDone }: Props) {
  const router = useRouter()
  const [tenant, setTenant] = useState<PickerOption | null>(null)
  const { pending, error, run } = useChange(() => {
    onClose()
    onDone?.()
  })
  const [first] = resources
  // A cloud takes along what stands in it, and a large one does so in the background.
  const cloud = kind.kind === 'cloud' && resources.length === 1 ? first : undefined
  const ids = resources.map(({ id }) => id)
  const what =
    resources.length === 1 && first ? first.name : `${resources.length} ${kind.plural.toLowerCase()}`
  const input = { kind: kind.kind, ids, tenantId: tenant?.value ?? '' }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!tenant || pending) return
    // Hosts have an event of their own in the audit log.
    const change = () =>
      kind.kind === 'host'
        ? api().hosts.assign.mutate({ ids, tenantId: tenant.value })
        : api().resources.assign.mutate(input)
    const started: { taskId?: string } = {}
    void run(
      async () => {
        const done: { changed: number; taskId?: string } = await change()
        started.taskId = done.taskId
      },
      () =>
        started.taskId
          ? `${what} goes to ${tenant.label} in the background.`
          : `${what} assigned to ${tenant.label}.`,
      () => (started.taskId ? router.push(consolePaths('').task(started.taskId)) : router.refresh()),
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
        <TenantPicker
          kind={kind.kind}
          hint="Choose the master tenant to take it back."
          value={tenant}
          onChange={setTenant}
        />
        {cloud ? (
          <CloudMovePreview cloudId={cloud.id} tenantId={tenant?.value ?? null} />
        ) : (
          <EffectsPreview
            question={tenant && JSON.stringify(input)}
            ask={(signal) => api().resources.assignPreview.query(input, { signal })}
          />
        )}
        <ul className="grid list-disc gap-1 pl-4 text-sm text-muted">
          <li>Who uses it now loses sight of it at once.</li>
          <li>It becomes private, whatever it was before.</li>
          <li>The logs of the tenants on both sides say so.</li>
        </ul>
      </div>
    </Dialog>
  )
}
