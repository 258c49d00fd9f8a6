'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { deletionLines } from '@/app/(console)/_components/deletion-lines'
import type { DeletionPlan } from '@/server/features/tenants/tenants.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { SkeletonText } from '@/ui/skeleton'
import { toast } from '@/ui/toast'

interface Props {
  tenant: { id: string; name: string }
  prefix: TenantPrefix
  onClose: () => void
  onDone: () => void
}

/** Lists all that dies with the tenant, then takes its typed name (PRODUCT rule 18). */
export function DeleteTenantDialog({ tenant, prefix, onClose, onDone }: Props) {
  const router = useRouter()
  const path = usePathname()
  const [plan, setPlan] = useState<DeletionPlan | null>(null)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    const gone = new AbortController()
    api()
      .tenants.deletionPlan.query({ id: tenant.id }, { signal: gone.signal })
      .then(setPlan)
      .catch((reason: unknown) => gone.signal.aborted || setError(problemOf(reason).message))
    return () => gone.abort()
  }, [tenant.id])

  if (!plan) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        size="sm"
        title={`Delete ${tenant.name}?`}
        footer={<Button onClick={onClose}>Cancel</Button>}
      >
        {error ? <Alert tone="danger">{error}</Alert> : <SkeletonText lines={4} />}
      </Dialog>
    )
  }
  const remove = async () => {
    setPending(true)
    try {
      await api().tenants.delete.mutate({ id: tenant.id, confirmName: plan.name })
      toast.success(`${plan.name} is deleted.`, {
        description: `It can be restored for ${plan.restoreDays} days.`,
      })
      const { tenants } = consolePaths(prefix)
      if (path !== tenants) router.push(`${tenants}?status=deleted`)
      onDone()
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
      description={`It can be restored for ${plan.restoreDays} days; then everything below is gone for good.`}
      consequences={deletionLines(plan)}
      confirmText={plan.name}
      confirmLabel="Delete tenant"
      pending={pending}
      error={error}
      onConfirm={() => void remove()}
    />
  )
}
