'use client'

import { useRouter } from 'next/navigation'
import { SliceField, useSlice } from '@/app/(console)/_components/usage/slice-form'
import type { UsageRow } from '@/server/features/usage/usage.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'

/** Sets how many hosts a tenant of the table may have. */
export function SliceDialog({ row, onClose }: { row: UsageRow; onClose: () => void }) {
  const router = useRouter()
  const slice = useSlice(row, row.slice, () => {
    onClose()
    router.refresh()
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title={`Slice of ${row.name}`}
      description="What it has already stays; new ones are refused. Slices may come to more than the licence covers."
      onSubmit={() => void slice.save()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={slice.form.pending}
            disabledReason={!slice.changed && 'Nothing is changed yet'}
          >
            Save slice
          </Button>
        </>
      }
    >
      <SliceField slice={slice} hosts={row.hosts} />
    </Dialog>
  )
}
