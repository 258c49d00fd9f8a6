'use client'

import { api } from '@/app/_lib/api-client'
import type { PickerOption } from '@/ui/picker-panel'

/** Active subtenants, for pickers. */
export async function searchTenants(search: string, signal: AbortSignal): Promise<PickerOption[]> {
  const { rows } = await api().people.tenants.query({ search }, { signal })
  return rows.map(({ id, name }) => ({ value: id, label: name }))
}
