'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { tenantOption } from '@/app/(console)/_components/resources/tenant-picker'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'

export interface ShareTarget {
  id: string
  name: string
}

interface Props {
  isMaster: boolean
  value: ShareTarget | null
  onChange: (target: ShareTarget | null) => void
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Finds tenants that the master may share with. */
export const findTenants = async (search: string, signal: AbortSignal): Promise<PickerOption[]> =>
  (await api().grants.tenants.query({ search }, { signal })).rows.map(tenantOption)

/** With whom: the master chooses; a subtenant enters the address that the other one gave it, as nobody lists tenants. */
export function TargetField({ isMaster, value, onChange }: Props) {
  if (!isMaster) return <AddressField value={value} onChange={onChange} />
  return (
    <Field label="Tenant">
      <Picker
        label="Tenant"
        value={value?.id ?? null}
        onChange={({ value: id, label }) => onChange({ id, name: String(label) })}
        search={findTenants}
      />
    </Field>
  )
}

function AddressField({ value, onChange }: Omit<Props, 'isMaster'>) {
  const [text, setText] = useState(value?.id ?? '')
  const [problem, setProblem] = useState<string>()
  const address = text.trim()
  useEffect(() => {
    if (!UUID.test(address)) return
    const controller = new AbortController()
    api()
      .grants.target.query({ tenantId: address }, { signal: controller.signal })
      .then(onChange)
      .catch((error: unknown) => {
        if (controller.signal.aborted) return
        const { status, message, fields } = problemOf(error)
        setProblem(status === 404 ? 'There is no tenant at this address' : (fields?.tenantId ?? message))
      })
    return () => controller.abort()
    // The address alone is what is asked about.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [address])
  const hint = value
    ? `This is ${value.name}.`
    : 'The other tenant finds it under Settings > Sharing and gives it to you.'
  return (
    <Field label="Sharing address" hint={hint} error={problem}>
      <Input
        mono
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        placeholder="xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setProblem(undefined)
          onChange(null)
        }}
      />
    </Field>
  )
}
