'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { RadioCards } from '@/ui/radio-cards'

const OPTIONS = [
  { value: 'own', label: 'For this tenant', description: 'For people of the master tenant.' },
  {
    value: 'multi',
    label: 'Multi-tenant',
    description: 'For people of every subtenant. Cannot be changed later.',
  },
]

/** Whether the master makes a role for itself or a template for its subtenants: chosen once. */
export function KindOfRole({ multiTenant }: { multiTenant: boolean }) {
  const router = useRouter()
  const path = usePathname()
  const query = useSearchParams()
  const choose = (kind: string) => {
    const next = new URLSearchParams(query)
    next.set('kind', kind)
    router.replace(`${path}?${next.toString()}`)
  }
  return (
    <div className="mb-5">
      <RadioCards
        legend="Who is it for?"
        name="kind"
        columns={2}
        value={multiTenant ? 'multi' : 'own'}
        options={OPTIONS}
        onChange={choose}
      />
    </div>
  )
}
