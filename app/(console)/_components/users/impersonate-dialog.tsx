'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { ImpersonationOptions } from '@/server/features/impersonation/impersonation.schema'
import { Alert } from '@/ui/alert'
import { Button, ButtonLink } from '@/ui/button'
import { Checkbox } from '@/ui/checkbox'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Select } from '@/ui/select'
import { SkeletonText } from '@/ui/skeleton'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

const MINUTES = [
  { value: '15', label: '15 minutes' },
  { value: '30', label: '30 minutes' },
  { value: '60', label: '1 hour' },
]

interface Props {
  user: { id: string; name: string }
  tenantId: string
  onClose: () => void
}

/** Asks why and for how long, then goes to the tenant's console as the user; or asks the tenant first. */
export function ImpersonateDialog({ user, tenantId, onClose }: Props) {
  const [options, setOptions] = useState<ImpersonationOptions | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  useEffect(() => {
    api()
      .impersonation.options.query({ tenantId, userId: user.id })
      .then(setOptions, (error: unknown) => setFailed(problemOf(error).message))
  }, [tenantId, user.id])
  if (options) return <Loaded options={options} onClose={onClose} />
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Impersonate ${user.name}`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {failed === null ? <SkeletonText lines={4} /> : <Alert tone="danger">{failed}</Alert>}
    </Dialog>
  )
}

function Loaded({ options, onClose }: { options: ImpersonationOptions; onClose: () => void }) {
  const { user, tenant, request } = options
  const router = useRouter()
  const agreed = request?.state === 'approved' && options.policy === 'ask' ? request : null
  const asks = options.policy === 'ask' && agreed === null
  const waiting = asks && request?.state === 'waiting'
  const [values, setValues] = useState({
    reason: agreed?.reason ?? '',
    minutes: agreed?.minutes ?? 30,
    readOnly: agreed?.readOnly ?? true,
  })
  const [ended, setEnded] = useState(false)
  const form = useSubmit('impersonate')
  const running = ended ? null : options.running
  const input = {
    tenantId: tenant.id,
    userId: user.id,
    reason: values.reason,
    minutes: values.minutes as 15 | 30 | 60,
    readOnly: values.readOnly,
  }
  const begin = async () => {
    if (asks) {
      await api().impersonation.request.mutate(input)
      toast.success(`${tenant.name} is asked. Come back here once an administrator there agrees.`)
      onClose()
      return router.refresh()
    }
    const from = window.location.pathname + window.location.search
    const { next } = await api().impersonation.start.mutate({ ...input, from: from.slice(0, 500) })
    window.location.assign(next)
  }
  const end = () =>
    form.submit(async () => {
      await api().impersonation.end.mutate()
      setEnded(true)
    })
  const refused =
    options.why ??
    (running && !asks ? 'Quit the other one first' : null) ??
    (waiting ? 'An administrator of the tenant has not answered yet' : null)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Impersonate ${user.name}`}
      description={`You act in ${tenant.name} with exactly the rights of ${user.name}. Both logs name you both, and ${tenant.name} sees what you did and why.`}
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (refused === null) void form.submit(begin)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending} disabledReason={refused}>
            {asks ? 'Ask the tenant' : 'Impersonate'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title={asks ? 'It is not asked' : 'It did not begin'} />
        {options.why !== null && <Alert tone="warning">{options.why}</Alert>}
        {running && <Running running={running} end={() => void end()} pending={form.pending} />}
        <Consent options={options} />
        {options.why === null && !waiting && (
          <Fields values={values} change={setValues} fixed={agreed !== null} field={form.field} />
        )}
      </div>
    </Dialog>
  )
}

interface RunningProps {
  running: NonNullable<ImpersonationOptions['running']>
  end: () => void
  pending: boolean
}

function Running({ running, end, pending }: RunningProps) {
  return (
    <Alert
      tone="info"
      title={`You are impersonating ${running.subject} in ${running.tenant}`}
      action={
        <>
          <ButtonLink size="sm" href={running.href}>
            Go there
          </ButtonLink>
          <Button size="sm" loading={pending} onClick={end}>
            Quit it
          </Button>
        </>
      }
    >
      One at a time, in all your tabs and browsers.
    </Alert>
  )
}

/** What stands between the provider and the tenant, where that is asked first. */
function Consent({ options: { policy, request, tenant, why } }: { options: ImpersonationOptions }) {
  if (policy !== 'ask' || why !== null) return null
  if (request?.state === 'approved')
    return (
      <Alert tone="success" title={`${tenant.name} has agreed`}>
        To this reason and this time. Begin before {new Date(request.until).toLocaleString()}.
      </Alert>
    )
  if (request?.state === 'waiting')
    return (
      <Alert tone="info" title="Waiting for an answer">
        You asked {tenant.name}: “{request.reason}”. An administrator there answers under Settings &gt;
        Provider access until {new Date(request.until).toLocaleString()}.
      </Alert>
    )
  return (
    <Alert tone="info" title={`${tenant.name} wants to be asked first`}>
      {request?.state === 'declined' && <>Your last request was declined. </>}
      An administrator there agrees or declines. You begin here once they agree.
    </Alert>
  )
}

interface Values {
  reason: string
  minutes: number
  readOnly: boolean
}
interface FieldsProps {
  values: Values
  change: (values: Values) => void
  /** As they were agreed to. */
  fixed: boolean
  field: (name: string) => { id: string; error?: string }
}

function Fields({ values, change, fixed, field }: FieldsProps) {
  return (
    <>
      <Field
        {...field('reason')}
        label="Reason"
        required
        hint="At least 5 characters: a ticket number, what is wrong. The tenant reads it."
      >
        <Textarea
          data-autofocus
          rows={2}
          maxLength={500}
          readOnly={fixed}
          value={values.reason}
          onChange={(event) => change({ ...values, reason: event.target.value })}
        />
      </Field>
      <Field {...field('minutes')} label="For" hint="Then it ends by itself. You can quit before.">
        <Select
          options={MINUTES}
          disabled={fixed}
          value={String(values.minutes)}
          onChange={(event) => change({ ...values, minutes: Number(event.target.value) })}
        />
      </Field>
      <Checkbox
        label="Only look"
        description="Nothing can be changed, whatever the user may. Take the tick off to work as the user; passwords, roles, shares, tokens and the like stay refused."
        disabled={fixed}
        checked={values.readOnly}
        onChange={(event) => change({ ...values, readOnly: event.target.checked })}
      />
    </>
  )
}
