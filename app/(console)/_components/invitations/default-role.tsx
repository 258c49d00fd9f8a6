'use client'

import { useState } from 'react'
import { invitationsApi } from '@/app/(console)/_components/invitations/invitations-api'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { InvitationPage } from '@/server/features/invitations/invitations.schema'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

interface Props {
  page: Pick<InvitationPage, 'defaultRole' | 'why'>
  roles: readonly AssignableRole[]
  tenantId?: string
  master: boolean
}

/** Which role people get who are invited without one. */
export function DefaultRole({ page, roles, tenantId, master }: Props) {
  const [open, setOpen] = useState(false)
  const [roleId, setRoleId] = useState(page.defaultRole.id)
  const { pending, error, run } = useChange(() => setOpen(false))
  return (
    <p className="mb-4 flex flex-wrap items-center gap-x-2 text-sm text-muted">
      <span>
        {master ? 'Provider staff who are' : 'Whoever is'} invited without a role becomes{' '}
        <strong className="font-medium text-fg">
          {page.defaultRole.name || 'nothing: there is no such role'}
        </strong>
        .
      </span>
      <Button size="inline" variant="link" disabledReason={page.why.manage} onClick={() => setOpen(true)}>
        Change
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Default role"
        description="Holds for pending invitations without a role of their own, too."
        onSubmit={() =>
          void run(() => invitationsApi(tenantId).setDefaultRole(roleId), 'The default role is changed.')
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
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
            options={roles.map(({ id, name, can }) => ({ value: id, label: name, disabled: !can.grant }))}
          />
        </Field>
      </Dialog>
    </p>
  )
}
