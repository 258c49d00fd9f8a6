'use client'

import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'

/** For a guest: gives the membership of this tenant up. */
export function LeaveCard({ tenant }: { tenant: string }) {
  const [open, setOpen] = useState(false)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const leave = async () => {
    setPending(true)
    try {
      const { next } = await api().users.leave.mutate()
      window.location.assign(next)
    } catch (reason) {
      setError(problemOf(reason).message)
      setPending(false)
    }
  }
  return (
    <Card title="Your membership">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-sm text-muted">
          You are a guest of {tenant}. Your account at home stays as it is.
        </p>
        <Button variant="danger-outline" onClick={() => setOpen(true)}>
          Leave {tenant}
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Leave ${tenant}?`}
        consequences={[
          'Your roles here end, and you are signed out here.',
          'Somebody has to add you again before you can come back.',
        ]}
        confirmLabel="Leave"
        pending={pending}
        error={error}
        onConfirm={() => void leave()}
      />
    </Card>
  )
}
