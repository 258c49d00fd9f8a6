'use client'

import type { LANDINGS } from '@/lib/landing'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'

/** What roles of users and of tenants have alike. */
export interface GeneralDraft {
  name: string
  description: string
  landing: string
}

interface Props {
  draft: GeneralDraft
  put: (part: Partial<GeneralDraft>) => void
  field: (name: string) => { id: string; error?: string }
  /** Pages that people may begin with. */
  pages: readonly Pick<(typeof LANDINGS)[number], 'key' | 'label'>[]
  landingHint: string
  /** Name and description stay. */
  fixed: boolean
  /** The landing page stays, too. */
  locked: boolean
}

/** Name, description and landing page of a role. */
export function RoleGeneral({ draft, put, field, pages, landingHint, fixed, locked }: Props) {
  return (
    <Card title="General">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field {...field('name')} label="Name" required>
          <Input
            value={draft.name}
            maxLength={60}
            readOnly={fixed}
            autoComplete="off"
            onChange={(event) => put({ name: event.target.value })}
          />
        </Field>
        <Field {...field('landing')} label="Landing page" hint={landingHint}>
          <Select
            value={draft.landing}
            disabled={locked}
            options={[
              { value: '', label: 'Home' },
              ...pages.map(({ key, label }) => ({ value: key, label })),
            ]}
            onChange={(event) => put({ landing: event.target.value })}
          />
        </Field>
        <div className="sm:col-span-2">
          <Field {...field('description')} label="Description">
            <Input
              value={draft.description}
              maxLength={300}
              readOnly={fixed}
              onChange={(event) => put({ description: event.target.value })}
            />
          </Field>
        </div>
      </div>
    </Card>
  )
}
