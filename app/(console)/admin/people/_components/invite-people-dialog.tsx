'use client'

import { Building2, Globe } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { AddressesField } from '@/app/(console)/_components/invitations/addresses-field'
import { InviteResults } from '@/app/(console)/_components/invitations/invite-results'
import { MasterRole } from '@/app/(console)/admin/people/_components/master-role'
import { RoleByName } from '@/app/(console)/admin/people/_components/role-by-name'
import { type ChosenTenant, TenantsField } from '@/app/(console)/admin/people/_components/tenants-field'
import { type InviteLine, readInviteLines } from '@/lib/invite-lines'
import type { InvitationLevel, InviteOptions } from '@/server/features/invitations/invitations.all.schema'
import type { LineResult } from '@/server/features/invitations/invitations.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { RadioCards } from '@/ui/radio-cards'

interface Props {
  options: InviteOptions
  /** With whether anybody was invited. */
  onClose: (done: boolean) => void
}
interface Chosen {
  level: InvitationLevel
  tenants: ChosenTenant[]
  /** Name of a role that every tenant has. */
  role: string
  /** Of the master. */
  roleId: string
}
interface Answer {
  mailed: boolean
  groups: { name: string; lines: LineResult[] }[]
}

async function invite(lines: InviteLine[], { level, tenants, role, roleId }: Chosen): Promise<Answer> {
  if (level === 'parent') {
    const answer = await api().invitations.create.mutate({ lines, roleId: roleId || undefined })
    return { mailed: answer.mailed, groups: [{ name: 'Parent level', lines: answer.lines }] }
  }
  const tenantIds = tenants.map(({ id }) => id)
  const answer = await api().tenantInvitations.createMany.mutate({ lines, tenantIds, role })
  return { mailed: answer.mailed, groups: answer.tenants }
}

/** Asks people in from the master: at which level, and into which tenants; then says what became of each line in each. */
export function InvitePeopleDialog({ options, onClose }: Props) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<Chosen>({ level: 'tenant', tenants: [], role: '', roleId: '' })
  const [answer, setAnswer] = useState<Answer | null>(null)
  const form = useSubmit('invite')
  const lines = readInviteLines(text)
  const choose = (change: Partial<Chosen>) => setChosen({ ...chosen, ...change })
  const { level, tenants } = chosen
  const missing =
    (lines.length === 0 && 'Enter an e-mail address first') ||
    (level === 'tenant' && tenants.length === 0 && 'Choose a tenant first')
  if (answer)
    return (
      <InviteResults
        {...answer}
        onClose={() =>
          onClose(answer.groups.some((group) => group.lines.some(({ result }) => result === 'invited')))
        }
        onMore={() => setAnswer(null)}
      />
    )
  return (
    <Dialog
      open
      onOpenChange={() => onClose(false)}
      title="Invite people"
      description="Each gets a mail with a link that works once and for 7 days. One acceptance answers all invitations of an address."
      onSubmit={() => void form.submit(async () => setAnswer(await invite(lines, chosen)))}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending} disabledReason={missing}>
            {lines.length > 1 ? `Invite ${lines.length} people` : 'Invite'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nobody was invited" />
        <AddressesField field={form.field('lines')} value={text} onChange={setText} />
        <LevelCards options={options} value={level} onChange={(next) => choose({ level: next })} />
        {level === 'tenant' ? (
          <>
            <TenantsField
              {...form.field('tenantIds')}
              value={tenants}
              onChange={(next) => choose({ tenants: next })}
            />
            <RoleByName
              field={form.field('role')}
              roles={options.roles}
              value={chosen.role}
              onChange={(role) => choose({ role })}
              hint={lines.some(({ role }) => role !== '') ? 'For the lines that name none.' : undefined}
            />
          </>
        ) : (
          <MasterRole
            field={form.field('roleId')}
            value={chosen.roleId}
            onChange={(roleId) => choose({ roleId })}
          />
        )}
      </div>
    </Dialog>
  )
}

const LevelCards = (props: {
  options: InviteOptions
  value: InvitationLevel
  onChange: (level: InvitationLevel) => void
}) => (
  <RadioCards
    legend="Level"
    name="level"
    columns={2}
    value={props.value}
    onChange={(value) => props.onChange(value === 'parent' ? 'parent' : 'tenant')}
    options={[
      {
        value: 'tenant',
        label: 'Tenant level',
        description: 'Reaches the tenants that you choose, never the master.',
        icon: <Building2 aria-hidden />,
      },
      {
        value: 'parent',
        label: 'Parent level',
        description: props.options.why.parent ?? 'Reaches every tenant, with the same role in each.',
        icon: <Globe aria-hidden />,
        disabled: !props.options.can.parent,
      },
    ]}
  />
)
