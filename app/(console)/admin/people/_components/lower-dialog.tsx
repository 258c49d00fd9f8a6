'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { InviteResults } from '@/app/(console)/_components/invitations/invite-results'
import { RoleByName } from '@/app/(console)/admin/people/_components/role-by-name'
import { type ChosenTenant, TenantsField } from '@/app/(console)/admin/people/_components/tenants-field'
import type { AllInvitationsRow, InviteOptions } from '@/server/features/invitations/invitations.all.schema'
import type { LineResult } from '@/server/features/invitations/invitations.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  row: AllInvitationsRow
  options: InviteOptions
  /** With whether it was done. */
  onClose: (done: boolean) => void
}

/** Invites into tenants in place of an invitation at parent level. */
export function LowerDialog({ row, options, onClose }: Props) {
  const [tenants, setTenants] = useState<ChosenTenant[]>([])
  const [role, setRole] = useState('')
  const [answer, setAnswer] = useState<{
    mailed: boolean
    groups: { name: string; lines: LineResult[] }[]
  } | null>(null)
  const form = useSubmit('lower')
  const save = async () => {
    const tenantIds = tenants.map(({ id }) => id)
    const done = await api().allInvitations.lower.mutate({ id: row.id, tenantIds, role })
    if (!done.takenBack)
      toast.error('The invitation at parent level was answered or taken back at the same moment.')
    else toast.success(`${row.email} is invited at tenant level. The link of before does not work any more.`)
    const all = done.tenants.flatMap(({ lines }) => lines)
    if (all.every(({ result }) => result === 'invited')) onClose(true)
    else setAnswer({ mailed: done.mailed, groups: done.tenants })
  }
  if (answer) return <InviteResults {...answer} onClose={() => onClose(true)} />
  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title="Invite at tenant level instead"
      description={`${row.email} gets a new mail for each tenant; the invitation at parent level is taken back.`}
      onSubmit={() => void form.submit(save)}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={tenants.length === 0 && 'Choose a tenant first'}
          >
            Change level
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The level is not changed" />
        <TenantsField {...form.field('tenantIds')} value={tenants} onChange={setTenants} />
        <RoleByName field={form.field('role')} roles={options.roles} value={role} onChange={setRole} />
      </div>
    </Dialog>
  )
}
