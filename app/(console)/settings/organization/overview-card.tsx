'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { Organization } from '@/server/features/organization/organization.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { formatDate } from '@/ui/format-time'
import { Input } from '@/ui/input'
import { TenantMark } from '@/ui/tenant-mark'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

/** Name, description and icon, with what is fixed beside them. */
export function OverviewCard({ organization: o }: { organization: Organization }) {
  const router = useRouter()
  const [values, setValues] = useState({ name: o.name, description: o.description, icon: o.icon })
  const form = useSubmit('organization')
  const changed = values.name !== o.name || values.description !== o.description || values.icon !== o.icon
  const bind = (name: keyof typeof values) => ({
    value: values[name],
    disabled: !o.can.edit,
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await form.submit(() => api().organization.update.mutate(values)))) return
    toast.success('The organization is saved.')
    router.refresh()
  }
  return (
    <Card title="Overview">
      <form onSubmit={(event) => void save(event)} className="grid gap-4" noValidate>
        <FormErrorSummary errors={form.errors} title="That was not saved" />
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_9rem]">
          <Field
            {...form.field('name')}
            label="Name"
            hint={o.master ? 'The master tenant keeps its name.' : undefined}
            required
          >
            <Input {...bind('name')} disabled={!o.can.edit || o.master} maxLength={100} />
          </Field>
          <Field {...form.field('icon')} label="Icon" hint="One emoji, or none.">
            <Input
              {...bind('icon')}
              maxLength={32}
              prefix={<TenantMark name={values.name} icon={values.icon} seed={o.id} size="sm" />}
            />
          </Field>
        </div>
        <Field {...form.field('description')} label="Description">
          <Textarea {...bind('description')} maxLength={2000} />
        </Field>
        <DescriptionList
          items={[
            { label: 'Address', value: o.address, copy: o.address, mono: true },
            { label: 'Created', value: formatDate(Date.parse(o.createdAt)) },
            { label: 'ID', value: o.id, copy: o.id, mono: true },
          ]}
        />
        <div>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={o.why.edit ?? (!changed && 'Nothing is changed')}
          >
            Save
          </Button>
        </div>
      </form>
    </Card>
  )
}
