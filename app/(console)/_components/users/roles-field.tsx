'use client'

import { CircleAlert } from 'lucide-react'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Badge } from '@/ui/badge'
import { Checkbox } from '@/ui/checkbox'

interface Props {
  roles: readonly AssignableRole[]
  value: readonly string[]
  onChange: (roleIds: string[]) => void
  /** Roles that the user has already: may be kept and taken by whom may not give them. */
  held: readonly string[]
  field: { id: string; error?: string }
  /** Why they cannot be changed. */
  locked?: string
}

/** The roles of a user; one that may not be given says why. */
export function RolesField({ roles, value, onChange, held, field, locked }: Props) {
  const toggle = (id: string, on: boolean) =>
    onChange(on ? [...value, id] : value.filter((other) => other !== id))
  return (
    <fieldset
      id={field.id}
      tabIndex={-1}
      className="min-w-0"
      aria-describedby={field.error ? `${field.id}-error` : undefined}
    >
      <legend className="mb-1.5 text-sm font-medium">
        Roles
        <span aria-hidden className="ml-0.5 text-danger-ink">
          *
        </span>
      </legend>
      {roles.length === 0 ? (
        <p className="text-sm text-muted">
          There is no role to give. The master tenant has to make a multi-tenant role first.
        </p>
      ) : (
        <div className="grid gap-2.5 rounded-md border border-line-strong px-3 py-2.5">
          {roles.map((role) => {
            const refused = role.can.grant || held.includes(role.id) ? undefined : role.why.grant
            return (
              <Checkbox
                key={role.id}
                label={
                  <span className="inline-flex items-center gap-2">
                    {role.name}
                    {!role.multiTenant && <Badge>This tenant’s own</Badge>}
                  </span>
                }
                description={refused ? `${role.description} ${refused}.` : role.description}
                checked={value.includes(role.id)}
                disabled={refused !== undefined || locked !== undefined}
                onChange={(event) => toggle(role.id, event.target.checked)}
              />
            )
          })}
        </div>
      )}
      {(field.error ?? locked) && (
        <p
          id={`${field.id}-error`}
          className={
            field.error ? 'mt-1.5 flex gap-1.5 text-xs text-danger-ink' : 'mt-1.5 text-xs text-muted'
          }
        >
          {field.error && <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />}
          {field.error ?? `${locked}.`}
        </p>
      )}
    </fieldset>
  )
}
