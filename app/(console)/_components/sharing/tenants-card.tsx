'use client'

import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { useRouter } from 'next/navigation'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { findTenants } from '@/app/(console)/_components/sharing/target-field'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Picker } from '@/ui/picker'
import { toast } from '@/ui/toast'

interface Tenant {
  id: string
  name: string
}

interface Props {
  kind: string
  id: string
  tenants: readonly Tenant[]
  /** Why it cannot be shared. */
  refusal?: string
}

/** Tenants beside the master that have an image, blueprint or package, as chips (seed 002). */
export function TenantsCard({ kind, id, tenants, refusal }: Props) {
  const router = useRouter()
  const [chosen, setChosen] = useState<readonly Tenant[]>(tenants)
  const form = useSubmit('tenants')
  const ids = (list: readonly Tenant[]) => list.map((one) => one.id).sort()
  const same = ids(chosen).join() === ids(tenants).join()
  const input = { kind, resourceId: id, ...(chosen.length > 0 && { tenantIds: ids(chosen) }) }
  const run = async () => {
    await api().grants.setTenants.mutate(input)
    toast.success('The tenants are saved.')
    router.refresh()
  }
  return (
    <Card
      title="Tenants"
      description="They see it and may use it, and cannot change it. What you change here, they have at once."
      actions={
        <Button
          size="sm"
          variant="primary"
          loading={form.pending}
          disabledReason={refusal ?? (same && 'Nothing is changed yet')}
          onClick={() => void form.submit(run)}
        >
          Save tenants
        </Button>
      }
    >
      <div className="grid gap-3">
        <FormErrorSummary errors={form.errors} />
        <ul className="flex flex-wrap items-center gap-2" aria-label="Tenants">
          {chosen.map((tenant) => (
            <li
              key={tenant.id}
              className="inline-flex h-8 max-w-full items-center rounded-md border border-line-strong bg-subtle pl-2.5 text-sm pointer-coarse:h-10"
            >
              <span className="truncate">{tenant.name}</span>
              <Button
                size="icon-sm"
                variant="ghost"
                aria-label={`Remove ${tenant.name}`}
                disabledReason={refusal}
                icon={<X aria-hidden />}
                onClick={() => setChosen(chosen.filter((one) => one.id !== tenant.id))}
              />
            </li>
          ))}
          <li>
            <Picker
              label="Tenant"
              value={null}
              search={findTenants}
              trigger={
                <Button size="sm" icon={<Plus aria-hidden />} disabledReason={refusal}>
                  Add tenant
                </Button>
              }
              onChange={({ value, label }) => {
                if (chosen.every((one) => one.id !== value))
                  setChosen([...chosen, { id: value, name: String(label) }])
              }}
            />
          </li>
        </ul>
        <EffectsPreview
          question={same ? null : JSON.stringify(input)}
          ask={(signal) => api().grants.setTenantsPreview.query(input, { signal })}
        />
      </div>
    </Card>
  )
}
