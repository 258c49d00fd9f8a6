'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { Limits } from '@/server/features/machines/creations.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toast'

const GIB = 2 ** 30
const FIELDS = [
  { name: 'machines', label: 'Virtual machines', unit: 1 },
  { name: 'cores', label: 'Cores of each', unit: 1 },
  { name: 'memory', label: 'Memory of each', unit: GIB },
  { name: 'disk', label: 'Disk of each', unit: GIB },
] as const

const textsOf = (limits: Limits) =>
  Object.fromEntries(
    FIELDS.map(({ name, unit }) => [name, limits[name] === null ? '' : String(limits[name] / unit)]),
  ) as Record<keyof Limits, string>

interface Props {
  tenant: { id: string; name: string }
  limits: Limits
}

/** How many machines a subtenant may have, and how large ones it may make, for its provider. */
export function MachineLimitsCard({ tenant, limits: stored }: Props) {
  const router = useRouter()
  const form = useSubmit('limits')
  const [texts, setTexts] = useState(textsOf(stored))
  const limits = Object.fromEntries(
    FIELDS.map(({ name, unit }) => [
      name,
      texts[name].trim() === '' ? null : Math.round(Number(texts[name]) * unit),
    ]),
  ) as Limits
  const changed = FIELDS.some(({ name }) => limits[name] !== stored[name])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      setTexts(textsOf(await api().machines.setLimits.mutate({ tenantId: tenant.id, ...limits })))
      toast.success(`Saved. It holds for ${tenant.name} from now on.`)
      router.refresh()
    })
  }
  return (
    <Card
      title="Limits of its machines"
      description={`What ${tenant.name} may create in clouds. Left empty: any. What it has already stays.`}
    >
      <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is changed" />
        <div className="grid grid-cols-2 gap-4 lg:grid-cols-4">
          {FIELDS.map(({ name, label, unit }) => (
            <Field key={name} {...form.field(name)} label={label}>
              <Input
                type="number"
                min={0}
                step={unit === 1 ? 1 : 'any'}
                suffix={unit === 1 ? undefined : 'GiB'}
                placeholder="Any"
                value={texts[name]}
                onChange={(event) => setTexts((all) => ({ ...all, [name]: event.target.value }))}
              />
            </Field>
          ))}
        </div>
        <Button
          type="submit"
          loading={form.pending}
          disabledReason={!changed && 'Nothing is changed yet'}
          className="justify-self-start"
        >
          Save limits
        </Button>
      </form>
    </Card>
  )
}
