'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { seeAsHref } from '@/app/(console)/admin/tenants/[id]/resources/see-as-href'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

interface Props {
  tenant: string
  roles: readonly { id: string; name: string }[]
  roleId: string
}

/** Through whose eyes one looks: the whole tenant, or anybody there with one role. */
export function EyesForm({ tenant, roles, roleId }: Props) {
  const router = useRouter()
  const path = usePathname()
  const kind = useSearchParams().get('kind') ?? undefined
  return (
    <div className="max-w-sm">
      <Field label="Look as" hint="A role shows what anybody who holds it, and nothing else, would see.">
        <Select
          value={roleId}
          onChange={({ target }) => router.push(seeAsHref(path, { kind, role: target.value }))}
          options={[
            { value: '', label: `${tenant} as a whole` },
            ...roles.map(({ id, name }) => ({ value: id, label: `Somebody with the role ${name}` })),
          ]}
        />
      </Field>
    </div>
  )
}
