'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { POLICY_BOUNDS, type SecurityPolicy, WEAKEST } from '@/lib/security-policy'
import type { PolicyState } from '@/server/features/security-policy/security-policy.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toast'

type Numbers = keyof typeof POLICY_BOUNDS

const FIELDS: { name: Numbers; label: string; hint: string; floor: (n: number) => string }[] = [
  {
    name: 'passwordMin',
    label: 'Shortest password',
    hint: 'Characters, 12 to 20. Holds for passwords that are set from now on.',
    floor: (n) => `The provider asks for ${n} or more.`,
  },
  {
    name: 'passwordMaxDays',
    label: 'A password is changed after',
    hint: 'Days, up to 730. 0: never.',
    floor: (n) => `The provider asks for ${n} or fewer.`,
  },
  {
    name: 'lockoutAttempts',
    label: 'Wrong passwords before a pause',
    hint: 'Tries in 15 minutes for one account, 3 to 10. Devices that signed in before have tries of their own.',
    floor: (n) => `The provider asks for ${n} or fewer.`,
  },
  {
    name: 'idleMinutes',
    label: 'A session ends without use after',
    hint: 'Minutes, 5 to 30.',
    floor: (n) => `The provider asks for ${n} or fewer.`,
  },
  {
    name: 'sessionHours',
    label: 'A session ends in any case after',
    hint: 'Hours, 1 to 12.',
    floor: (n) => `The provider asks for ${n} or fewer.`,
  },
]

/** What the tenant asks for, with the floor beside each field. */
export function PolicyForm({ state }: { state: PolicyState }) {
  const router = useRouter()
  const form = useSubmit('policy')
  const { floor, can, why } = state
  const [values, setValues] = useState<SecurityPolicy>(state.policy)
  const changed = JSON.stringify(values) !== JSON.stringify(state.policy)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const { sessionsEnded, policy } = await api().securityPolicy.set.mutate(values)
      setValues(policy)
      toast.success('Saved. It holds from now on.', {
        description:
          sessionsEnded === 0
            ? undefined
            : `${sessionsEnded === 1 ? 'One person without a second factor was' : `${sessionsEnded} sessions of people without a second factor were`} signed out.`,
      })
      router.refresh()
    })
  }
  const on = values.secondFactor === 'all'
  const factorReason =
    why.set ??
    (floor?.secondFactor === 'all'
      ? 'The provider asks everybody for a second factor'
      : !on && state.policy.secondFactor === 'off'
        ? why.requireFactor
        : undefined)

  return (
    <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid max-w-2xl gap-6">
      <FormErrorSummary errors={form.errors} title="Nothing is changed" />
      <Card title="Second factor">
        <div className="grid gap-2">
          <Checkbox
            id="policy-secondFactor"
            label="Everybody needs a second factor"
            description="Whoever has none sets one up right after giving their password, and can do nothing before. People who are signed in without one are signed out."
            checked={on}
            disabled={factorReason !== undefined}
            onChange={(event) => setValues({ ...values, secondFactor: event.target.checked ? 'all' : 'off' })}
          />
          {factorReason && <p className="text-sm text-muted">{factorReason}.</p>}
        </div>
      </Card>
      <Card title="Passwords and sessions">
        <div className="grid gap-4 sm:grid-cols-2">
          {FIELDS.map(({ name, label, hint, floor: words }) => (
            <Field
              key={name}
              {...form.field(name)}
              label={label}
              hint={[hint, floor && floor[name] !== WEAKEST[name] ? words(floor[name]) : ''].join(' ').trim()}
            >
              <Input
                type="number"
                min={POLICY_BOUNDS[name].min}
                max={POLICY_BOUNDS[name].max}
                disabled={!can.set}
                value={Number.isNaN(values[name]) ? '' : values[name]}
                onChange={(event) => setValues({ ...values, [name]: event.target.valueAsNumber })}
              />
            </Field>
          ))}
        </div>
      </Card>
      <Button
        type="submit"
        variant="primary"
        loading={form.pending}
        disabledReason={why.set ?? (!changed && 'Nothing is changed yet')}
        className="justify-self-start"
      >
        Save
      </Button>
    </form>
  )
}
