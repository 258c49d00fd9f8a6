'use client'

import { useState, type FormEvent } from 'react'
import { useRouter } from 'next/navigation'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { endOf, ShareFields, type Worth } from '@/app/(console)/_components/sharing/share-fields'
import { type ShareTarget, TargetField } from '@/app/(console)/_components/sharing/target-field'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  kind: string
  resource: { id: string; name: string }
  isMaster: boolean
  onClose: () => void
}

/** Shares one resource with another tenant; says before what that gives it. */
export function ShareDialog({ kind, resource, isMaster, onClose }: Props) {
  const router = useRouter()
  const [target, setTarget] = useState<ShareTarget | null>(null)
  const [worth, setWorth] = useState<Worth>({ role: 'viewer', until: '' })
  const form = useSubmit('share')
  const input = {
    kind,
    resourceId: resource.id,
    tenantId: target?.id ?? '',
    role: worth.role,
    expiresAt: endOf(worth.until),
  }
  const run = async () => {
    const { status } = await api().grants.create.mutate(input)
    const name = target?.name ?? ''
    toast.success(
      status === 'pending'
        ? `${name} is asked whether it accepts.`
        : `${resource.name} is shared with ${name}.`,
    )
    onClose()
    router.refresh()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (target && !form.pending) void form.submit(run)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Share ${resource.name}`}
      description="It stays yours: you take it back whenever you want, and the other tenant cannot share it on."
      dismissible={!form.pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={!target && 'Say with whom first'}
          >
            Share
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} />
        <TargetField isMaster={isMaster} value={target} onChange={setTarget} />
        <ShareFields value={worth} onChange={setWorth} field={form.field} />
        <EffectsPreview
          question={target ? JSON.stringify(input) : null}
          ask={(signal) => api().grants.createPreview.query(input, { signal })}
        />
      </div>
    </Dialog>
  )
}
