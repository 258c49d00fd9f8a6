'use client'

import { useState, type FormEvent } from 'react'
import { useRouter } from 'next/navigation'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { dayOf, endOf, ShareFields, type Worth } from '@/app/(console)/_components/sharing/share-fields'
import type { OutgoingRow } from '@/server/features/grants/grants.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

/** Changes role and end of a share. */
export function EditShareDialog({ grant, onClose }: { grant: OutgoingRow; onClose: () => void }) {
  const router = useRouter()
  const before: Worth = { role: grant.role, until: dayOf(grant.expiresAt) }
  const [worth, setWorth] = useState(before)
  const form = useSubmit('share')
  const same = worth.role === before.role && worth.until === before.until
  const input = { id: grant.id, role: worth.role, expiresAt: endOf(worth.until) }
  const run = async () => {
    const { status } = await api().grants.update.mutate(input)
    toast.success(
      status === 'pending' ? `${grant.tenant.name} is asked whether it accepts.` : 'The share is changed.',
    )
    onClose()
    router.refresh()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!same && !form.pending) void form.submit(run)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`${grant.name}, shared with ${grant.tenant.name}`}
      dismissible={!form.pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={same && 'Nothing is changed yet'}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} />
        <ShareFields value={worth} onChange={setWorth} field={form.field} />
        <EffectsPreview
          question={same ? null : JSON.stringify(input)}
          ask={(signal) => api().grants.updatePreview.query(input, { signal })}
        />
      </div>
    </Dialog>
  )
}
