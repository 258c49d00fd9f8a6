'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  thing: { id: string; kind: string; name: string }
  tenant: { id: string; name: string }
}

/** Assigns the thing to the tenant that does not see it, after saying who gains and loses what. */
export function AssignRemedy({ thing, tenant }: Props) {
  const [open, setOpen] = useState(false)
  const { pending, error, run } = useChange(() => setOpen(false))
  const input = { kind: thing.kind, ids: [thing.id], tenantId: tenant.id }
  const change = () =>
    thing.kind === 'host'
      ? api().hosts.assign.mutate({ ids: input.ids, tenantId: tenant.id })
      : api().resources.assign.mutate(input)
  return (
    <>
      <Button size="sm" variant="primary" onClick={() => setOpen(true)}>
        Assign to {tenant.name}…
      </Button>
      {open && (
        <ConfirmDialog
          open
          onOpenChange={setOpen}
          title={`Assign ${thing.name} to ${tenant.name}?`}
          description="The tenant uses it and sees it in its own console. You keep control of it."
          consequences={['It becomes private.', 'Who uses it now loses sight of it at once.']}
          confirmLabel="Assign"
          tone="default"
          pending={pending}
          error={error}
          onConfirm={() => void run(change, `${thing.name} assigned to ${tenant.name}.`)}
        >
          <EffectsPreview
            question={JSON.stringify(input)}
            ask={(signal) => api().resources.assignPreview.query(input, { signal })}
          />
        </ConfirmDialog>
      )}
    </>
  )
}
