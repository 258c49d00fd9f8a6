'use client'

import { usePathname, useRouter } from 'next/navigation'
import { api, clientPrefix } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { toast } from '@/ui/toast'

/** Asks before a tenant role is deleted. */
export function DeleteCap({ cap, onClose }: { cap: { id: string; name: string }; onClose: () => void }) {
  const form = useSubmit('cap')
  const router = useRouter()
  const pathname = usePathname()
  const run = async () => {
    await api().tenantRoles.delete.mutate({ id: cap.id })
    toast.success(`${cap.name} is deleted.`)
    onClose()
    const { caps } = consolePaths(clientPrefix() as TenantPrefix)
    if (pathname !== caps) router.replace(caps)
    router.refresh()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete ${cap.name}?`}
      description="No tenant has it. This cannot be undone."
      tone="danger"
      confirmLabel="Delete"
      pending={form.pending}
      error={form.errors[0]?.message}
      onConfirm={() => void form.submit(run)}
    />
  )
}
