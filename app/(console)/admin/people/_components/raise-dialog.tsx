'use client'

import { useEffect, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { MasterRole } from '@/app/(console)/admin/people/_components/master-role'
import type { AllInvitationsRow } from '@/server/features/invitations/invitations.all.schema'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { SkeletonText } from '@/ui/skeleton'
import { toast } from '@/ui/toast'

interface Props {
  row: AllInvitationsRow
  /** With whether it was done. */
  onClose: (done: boolean) => void
}

/** The pending invitations of the address into subtenants; undefined until they are known. */
function useOthers(row: AllInvitationsRow): AllInvitationsRow[] | undefined {
  const { email } = row
  const [known, setKnown] = useState<AllInvitationsRow[]>()
  useEffect(() => {
    const gone = new AbortController()
    api()
      .allInvitations.list.query(
        { search: email, status: ['pending', 'expired'], levels: ['tenant'], limit: 50 },
        { signal: gone.signal },
      )
      .then(
        ({ rows }) => setKnown([row, ...rows.filter((one) => one.email === email && one.id !== row.id)]),
        () => gone.signal.aborted || setKnown([row]),
      )
    return () => gone.abort()
  }, [email, row])
  return known
}

/** Invites at parent level in place of invitations into tenants: which of those are taken back, and with which role of the master. */
export function RaiseDialog({ row, onClose }: Props) {
  const others = useOthers(row)
  const [kept, setKept] = useState<readonly string[]>([])
  const [roleId, setRoleId] = useState('')
  const form = useSubmit('raise')
  const ids = (others ?? [row]).map(({ id }) => id).filter((id) => !kept.includes(id))
  const save = async () => {
    await api().allInvitations.raise.mutate({ ids, roleId: roleId || undefined })
    toast.success(`${row.email} is invited at parent level. The links of before do not work any more.`)
    onClose(true)
  }
  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title="Invite at parent level instead"
      description={`${row.email} gets a new mail, and reaches every tenant by accepting.`}
      onSubmit={() => void form.submit(save)}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={
              others === undefined
                ? 'One moment'
                : ids.length === 0 && 'Choose an invitation that is taken back'
            }
          >
            Change level
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The level is not changed" />
        <fieldset id="raise-ids" tabIndex={-1} className="min-w-0">
          <legend className="mb-1.5 text-sm font-medium">Invitations that are taken back</legend>
          {others === undefined ? (
            <SkeletonText lines={2} />
          ) : (
            <ul className="grid max-h-60 gap-2 overflow-y-auto py-1">
              {others.map(({ id, tenant, givesRole }) => (
                <li key={id}>
                  <Checkbox
                    label={tenant.name}
                    description={givesRole === null ? 'The role is gone' : `as ${givesRole}`}
                    checked={!kept.includes(id)}
                    onChange={({ target }) =>
                      setKept(target.checked ? kept.filter((one) => one !== id) : [...kept, id])
                    }
                  />
                </li>
              ))}
            </ul>
          )}
        </fieldset>
        <MasterRole field={form.field('roleId')} value={roleId} onChange={setRoleId} />
      </div>
    </Dialog>
  )
}
