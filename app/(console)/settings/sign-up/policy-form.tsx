'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { PolicyFields, type PolicyValues } from '@/app/(console)/settings/sign-up/policy-fields'
import type { PolicyState } from '@/server/features/sign-up/sign-up.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { CopyButton } from '@/ui/copy-button'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  state: PolicyState
  roles: readonly { id: string; name: string; description: string }[]
}

const valuesOf = (state: PolicyState): PolicyValues => ({
  enabled: state.enabled,
  tenantRoleId: state.tenantRoleId ?? '',
  firstRole: state.firstRole,
  mailDomains: state.mailDomains.join('\n'),
  approval: state.approval,
  termsUrl: state.termsUrl,
  dailyLimit: state.dailyLimit,
})

/** Whether and how people make tenants themselves. */
export function PolicyForm({ state, roles }: Props) {
  const router = useRouter()
  const form = useSubmit('sign-up')
  const [values, setValues] = useState(() => valuesOf(state))
  const changed = JSON.stringify(values) !== JSON.stringify(valuesOf(state))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const saved = await api().signUp.setPolicy.mutate({
        ...values,
        tenantRoleId: values.tenantRoleId === '' ? null : values.tenantRoleId,
        mailDomains: values.mailDomains.split(/[\s,;]+/).filter(Boolean),
      })
      setValues(valuesOf(saved))
      toast.success(saved.enabled ? 'Saved. People can sign up.' : 'Saved. Sign-up is off.')
      router.refresh()
    })
  }
  return (
    <form method="post" noValidate onSubmit={(event) => void submit(event)} className="grid max-w-3xl gap-5">
      <FormErrorSummary errors={form.errors} title="Nothing is changed" />
      <StateNote state={state} />
      <Card
        title="How people sign up"
        footer={
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={state.why.manage ?? (!changed && 'Nothing is changed yet')}
          >
            Save
          </Button>
        }
      >
        <PolicyFields
          values={values}
          set={(change) => setValues({ ...values, ...change })}
          field={form.field}
          roles={roles}
          disabled={!state.can.manage}
        />
      </Card>
    </form>
  )
}

function StateNote({ state }: { state: PolicyState }) {
  if (!state.enabled) return null
  if (state.tenantRoleId === null)
    return (
      <Alert tone="warning" title="Nobody can sign up">
        The tenant role that was chosen is deleted. Choose another.
      </Alert>
    )
  if (!state.licensed)
    return (
      <Alert tone="warning" title="Nobody can sign up">
        The licence covers no new tenants now. Sign-up is open again when one does.
      </Alert>
    )
  const { madeToday, dailyLimit, address } = state
  return (
    <Alert tone={madeToday >= dailyLimit ? 'warning' : 'info'} title="People can sign up">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span>
          At <span className="font-mono wrap-anywhere">{address}</span>
        </span>
        <CopyButton value={address} label="address" />
        <span>
          {madeToday} of {dailyLimit} new tenants in the last 24 hours.
          {madeToday >= dailyLimit && ' More wait until tomorrow.'}
        </span>
      </span>
    </Alert>
  )
}
