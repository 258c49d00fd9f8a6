'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { toast } from '@/ui/toast'

interface Tenant {
  id: string
  name: string
}

/** What a form that sets a slice keeps; used on the page of a tenant and in the table of all. */
export function useSlice(tenant: Tenant, stored: number | null, done: () => void) {
  const form = useSubmit(`slice-${tenant.id}`)
  const [text, setText] = useState(stored === null ? '' : String(stored))
  const hosts = text.trim() === '' ? null : Number(text)
  const save = async () => {
    await form.submit(async () => {
      await api().usage.setSlice.mutate({ tenantId: tenant.id, hosts })
      toast.success(
        hosts === null
          ? `${tenant.name} may have as many hosts as there are.`
          : `${tenant.name} may have ${hosts.toLocaleString('en')} ${hosts === 1 ? 'host' : 'hosts'}.`,
      )
      done()
    })
  }
  return { form, text, setText, save, changed: hosts !== stored }
}

/** The one field, with what went wrong. */
export function SliceField({ slice, hosts }: { slice: ReturnType<typeof useSlice>; hosts: number }) {
  return (
    <>
      <FormErrorSummary errors={slice.form.errors} title="Nothing is changed" />
      <Field
        {...slice.form.field('hosts')}
        label="Hosts at most"
        hint={`${hosts.toLocaleString('en')} there now. Empty: as many as the licence has.`}
      >
        <Input
          type="number"
          inputMode="numeric"
          min={0}
          max={1_000_000}
          step={1}
          placeholder="No slice"
          value={slice.text}
          onChange={(event) => slice.setText(event.target.value)}
        />
      </Field>
    </>
  )
}
