'use client'

import { useState } from 'react'
import { invitationsApi } from '@/app/(console)/_components/invitations/invitations-api'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { InvitationRow } from '@/server/features/invitations/invitations.schema'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

export interface InvitationDialog {
  kind: 'resend' | 'revoke' | 'role'
  row: InvitationRow
}
interface Props {
  dialog: InvitationDialog
  roles: readonly AssignableRole[]
  /** Its name; empty where it is not known here. */
  defaultRole: string
  tenantId?: string
  onClose: (done: boolean) => void
}

/** What can be done to an invitation that waits. */
export function InvitationDialogs(props: Props) {
  const { dialog, tenantId, onClose } = props
  const { pending, error, run } = useChange(() => onClose(true))
  const { id, email } = dialog.row
  if (dialog.kind === 'role') return <RoleDialog {...props} />
  const resend = dialog.kind === 'resend'
  const shared = { open: true, pending, error, onOpenChange: () => onClose(false) }
  return (
    <ConfirmDialog
      {...shared}
      tone={resend ? 'default' : 'danger'}
      title={resend ? `Send it to ${email} again?` : `Take the invitation of ${email} back?`}
      consequences={
        resend
          ? ['A new link is mailed, which works for 7 days.', 'The link of before does not work any more.']
          : ['Its link does not work any more. Nobody is told.']
      }
      confirmLabel={resend ? 'Send again' : 'Take back'}
      onConfirm={() =>
        void run(
          () => (resend ? invitationsApi(tenantId).resend(id) : invitationsApi(tenantId).revoke(id)),
          resend
            ? `A new mail to ${email} is written. The link of before does not work any more.`
            : 'The invitation is taken back.',
        )
      }
    />
  )
}

function RoleDialog({ dialog: { row }, roles, defaultRole, tenantId, onClose }: Props) {
  const [roleId, setRoleId] = useState(row.role.id ?? '')
  const { pending, error, run } = useChange(() => onClose(true))
  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title="Role of the invitation"
      description={`What ${row.email} gets by accepting. The link stays as it is.`}
      onSubmit={() =>
        void run(() => invitationsApi(tenantId).setRole(row.id, roleId || undefined), 'The role is changed.')
      }
      footer={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" variant="primary" loading={pending}>
            Save
          </Button>
        </>
      }
    >
      {error && <Alert tone="danger">{error}</Alert>}
      <Field label="Role">
        <Select
          value={roleId}
          onChange={(event) => setRoleId(event.target.value)}
          options={[
            { value: '', label: defaultRole === '' ? 'The default role' : `Default: ${defaultRole}` },
            ...roles.map(({ id, name, can }) => ({ value: id, label: name, disabled: !can.grant })),
          ]}
        />
      </Field>
    </Dialog>
  )
}
