'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { StartsWith } from '@/app/(console)/admin/tenants/new/starts-with'
import { SlugField, useSlug } from '@/app/(console)/admin/tenants/new/slug-field'
import {
  TenantFields,
  type TenantChoices,
  type TenantValues,
} from '@/app/(console)/admin/tenants/_components/tenant-fields'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  prefix: TenantPrefix
  choices: TenantChoices
  /** What stands before and after the subdomain. */
  address: { before: string; after: string }
  /** The master's own. */
  currency: string
}

/** The wizard's one page: what a tenant needs, and under Advanced what some track. Leads on to the guided set-up. */
export function NewTenantForm({ prefix, choices, address, currency }: Props) {
  const router = useRouter()
  const form = useSubmit('new-tenant')
  const slug = useSlug()
  const [values, setValues] = useState<TenantValues>({
    ...{
      name: '',
      description: '',
      icon: '',
      currency,
      accountNumber: '',
      accountName: '',
      customerNumber: '',
    },
    tenantRoleId: choices.roles[0]?.id ?? '',
  })
  const change = (part: Partial<TenantValues>) => {
    setValues((before) => ({ ...before, ...part }))
    if (part.name !== undefined) slug.suggestFrom(part.name)
  }
  const create = async () => {
    const { id } = await api().tenants.create.mutate({ ...values, slug: slug.value })
    toast.success(`${values.name.trim()} is created.`)
    router.push(consolePaths(prefix).tenantSetup(id))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void form.submit(create)
  }
  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-4">
      <FormErrorSummary errors={form.errors} title="The tenant is not created" />
      <Card
        footer={
          <div className="flex w-full justify-end gap-2">
            <ButtonLink href={consolePaths(prefix).tenants}>Cancel</ButtonLink>
            <Button type="submit" variant="primary" loading={form.pending}>
              Create tenant
            </Button>
          </div>
        }
      >
        <div className="grid gap-4">
          <TenantFields
            values={values}
            change={change}
            field={form.field}
            choices={choices}
            onNameDone={slug.check}
          >
            <SlugField slug={slug} address={address} field={form.field('slug')} />
          </TenantFields>
          <StartsWith tenantRoleId={values.tenantRoleId} />
        </div>
      </Card>
    </form>
  )
}
