'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { deletionLines } from '@/app/(console)/_components/deletion-lines'
import type { DeletionPlan } from '@/server/features/tenants/tenants.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { PasswordInput } from '@/ui/password-input'
import { SkeletonText } from '@/ui/skeleton'

/** Lists all that dies, then takes the typed name and the owner's password. */
export function DeleteOrganization({ onClose }: { onClose: () => void }) {
  const [plan, setPlan] = useState<DeletionPlan | null>(null)
  const [password, setPassword] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    const gone = new AbortController()
    api()
      .organization.deletionPlan.query(undefined, { signal: gone.signal })
      .then(setPlan)
      .catch((reason: unknown) => gone.signal.aborted || setError(problemOf(reason).message))
    return () => gone.abort()
  }, [])
  if (!plan)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        size="sm"
        title="Delete the organization?"
        footer={<Button onClick={onClose}>Cancel</Button>}
      >
        {error ? <Alert tone="danger">{error}</Alert> : <SkeletonText lines={4} />}
      </Dialog>
    )
  const remove = async () => {
    setPending(true)
    try {
      const { next } = await api().organization.delete.mutate({ confirmName: plan.name, password })
      window.location.assign(next)
    } catch (reason) {
      setError(problemOf(reason).message)
      setPending(false)
    }
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete ${plan.name}?`}
      description={`The provider can restore it for ${plan.restoreDays} days; then everything below is gone for good.`}
      consequences={deletionLines(plan)}
      confirmText={plan.name}
      confirmLabel="Delete organization"
      pending={pending}
      error={error}
      disabledReason={password === '' && 'Enter your password first'}
      onConfirm={() => void remove()}
    >
      <Field label="Your password" required>
        <PasswordInput
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          maxLength={1000}
        />
      </Field>
    </ConfirmDialog>
  )
}
