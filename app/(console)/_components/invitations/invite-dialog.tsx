'use client'

import { useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { AddressesField } from '@/app/(console)/_components/invitations/addresses-field'
import { invitationsApi } from '@/app/(console)/_components/invitations/invitations-api'
import { InviteResults } from '@/app/(console)/_components/invitations/invite-results'
import { readInviteLines } from '@/lib/invite-lines'
import type { LineResult } from '@/server/features/invitations/invitations.schema'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Select } from '@/ui/select'

interface Props {
  /** Whose console they are invited to. */
  tenant: { name: string; master: boolean }
  roles: readonly AssignableRole[]
  defaultRole: string
  tenantId?: string
  /** With whether anybody was invited. */
  onClose: (done: boolean) => void
}

/** Asks people in by mail: addresses typed, pasted or from a file; then says what became of each line. */
export function InviteDialog({ tenant, roles, defaultRole, tenantId, onClose }: Props) {
  const [text, setText] = useState('')
  const [roleId, setRoleId] = useState('')
  const [results, setResults] = useState<{ lines: LineResult[]; mailed: boolean } | null>(null)
  const form = useSubmit('invite')
  const lines = readInviteLines(text)

  const send = () =>
    void form.submit(async () => {
      const answer = await invitationsApi(tenantId).create({ lines, roleId: roleId || undefined })
      setResults(answer)
    })
  const done = results?.lines.some(({ result }) => result === 'invited') ?? false
  if (results)
    return (
      <InviteResults
        groups={[{ name: tenant.name, lines: results.lines }]}
        mailed={results.mailed}
        onClose={() => onClose(done)}
        onMore={() => setResults(null)}
      />
    )
  const named = lines.some(({ role }) => role !== '')
  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title={tenant.master ? 'Invite provider staff' : `Invite people to ${tenant.name}`}
      description={
        tenant.master
          ? 'They become parent-level users: they reach every tenant, with the same role in each.'
          : 'Each gets a mail with a link that works once and for 7 days.'
      }
      onSubmit={send}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={lines.length === 0 && 'Enter an e-mail address first'}
          >
            {lines.length > 1 ? `Invite ${lines.length} people` : 'Invite'}
          </Button>
        </>
      }
    >
      <FormErrorSummary errors={form.errors} title="Nobody was invited" />
      <AddressesField field={form.field('lines')} value={text} onChange={setText} />
      <Field
        {...form.field('roleId')}
        label="Role"
        hint={named ? 'For the lines that name none.' : 'It can be changed until they accept, and after.'}
      >
        <Select
          value={roleId}
          onChange={(event) => setRoleId(event.target.value)}
          options={[
            { value: '', label: `Default: ${defaultRole}` },
            ...roles.map(({ id, name, can }) => ({ value: id, label: name, disabled: !can.grant })),
          ]}
        />
      </Field>
    </Dialog>
  )
}
