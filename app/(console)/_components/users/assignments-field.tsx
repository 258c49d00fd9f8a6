'use client'

import { CircleAlert, Plus, X } from 'lucide-react'
import { choicesIn } from '@/app/(console)/_components/roles/choices'
import { parseScope } from '@/lib/access'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import type { UserRow } from '@/server/features/users/users.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { IconButton } from '@/ui/icon-button'
import { Input } from '@/ui/input'
import { Picker } from '@/ui/picker'
import { Select } from '@/ui/select'

/** One role as somebody is to have it. `place` is the name of what the scope is about. */
export interface AssignmentDraft {
  roleId: string
  kind: '' | 'group' | 'cloud' | 'tag' | 'resource'
  value: string
  place: string
  /** A day, or empty: for good. */
  until: string
  ended: boolean
}

export const NEW_ASSIGNMENT: AssignmentDraft = {
  roleId: '',
  kind: '',
  value: '',
  place: '',
  until: '',
  ended: false,
}

/** What somebody has, as the form edits it. */
export const assignmentDrafts = (user: UserRow): AssignmentDraft[] =>
  user.assignments.map(({ roleId, scope, scopeWords, expiresAt, ended }) => {
    const place = parseScope(scope)
    return {
      ...{ roleId, ended, kind: place?.kind ?? '', value: place?.value ?? '' },
      place: scopeWords.replace(/^in (group|cloud|tag|resource|a) /, ''),
      until: expiresAt?.slice(0, 10) ?? '',
    }
  })

/** What the API takes: the end of the day that was chosen; one that did not change stays to the second. */
export function assignmentInput(draft: AssignmentDraft, user?: UserRow) {
  const { roleId, kind, value, until } = draft
  const scope = kind === '' ? '' : `${kind}:${value}`
  const was = user?.assignments.find((one) => one.roleId === roleId && one.scope === scope)
  const same = was?.expiresAt?.slice(0, 10) === until
  const expiresAt = until === '' ? null : same && was ? was.expiresAt : `${until}T23:59:59.000Z`
  return { roleId, scope, expiresAt }
}

const PLACES = [
  { value: '', label: 'In the whole tenant' },
  { value: 'group', label: 'In a group' },
  { value: 'cloud', label: 'In a cloud' },
  { value: 'tag', label: 'Where a tag is' },
  { value: 'resource', label: 'On one resource' },
]

interface Props {
  roles: readonly AssignableRole[]
  value: readonly AssignmentDraft[]
  onChange: (value: AssignmentDraft[]) => void
  /** Roles that the user has already: may be kept by whom may not give them. */
  held: readonly string[]
  field: { id: string; error?: string }
  /** Why they cannot be changed. */
  locked?: string
  /** The subtenant, where its provider acts: places are chosen inside it. */
  tenantId?: string
}

/** The roles of a user, each in the whole tenant or in a scope, for good or until a day. */
export function AssignmentsField(props: Props) {
  const { roles, value, onChange, field, locked } = props
  const put = (at: number, next: AssignmentDraft) => onChange(value.map((one, i) => (i === at ? next : one)))
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
        <div className="grid gap-2">
          {value.map((one, i) => (
            <Assignment
              key={i}
              {...props}
              number={i + 1}
              draft={one}
              put={(next) => put(i, next)}
              remove={
                value.length > 1 && !locked ? () => onChange(value.filter((_one, at) => at !== i)) : undefined
              }
            />
          ))}
          {!locked && (
            <div>
              <Button
                size="sm"
                variant="ghost"
                icon={<Plus aria-hidden />}
                onClick={() => onChange([...value, NEW_ASSIGNMENT])}
              >
                Add another role
              </Button>
            </div>
          )}
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

interface AssignmentProps extends Props {
  number: number
  draft: AssignmentDraft
  put: (draft: AssignmentDraft) => void
  remove?: () => void
}

function Assignment({ roles, held, locked, tenantId, number, draft, put, remove }: AssignmentProps) {
  const chosen = roles.find(({ id }) => id === draft.roleId)
  const off = locked !== undefined
  return (
    <div className="grid gap-2 rounded-md border border-line-strong p-2.5">
      <div className="grid gap-2 sm:grid-cols-2">
        <Select
          aria-label={`Role ${number}`}
          value={draft.roleId}
          disabled={off}
          placeholder="Choose a role"
          options={roles.map((role) => ({
            value: role.id,
            label:
              role.can.grant || held.includes(role.id) ? role.name : `${role.name} (more than you may give)`,
            disabled: !role.can.grant && !held.includes(role.id),
          }))}
          onChange={(event) => put({ ...draft, roleId: event.target.value })}
        />
        <Select
          aria-label={`Where role ${number} holds`}
          value={draft.kind}
          disabled={off}
          options={PLACES}
          onChange={(event) =>
            put({ ...draft, kind: event.target.value as AssignmentDraft['kind'], value: '', place: '' })
          }
        />
        {draft.kind !== '' && (
          <Picker
            label={`Place of role ${number}`}
            value={draft.value}
            selected={draft.value === '' ? null : { value: draft.value, label: draft.place }}
            search={choicesIn(tenantId)[draft.kind]}
            key={draft.kind}
            placeholder="Choose…"
            onChange={({ value, label }) => put({ ...draft, value, place: label })}
          />
        )}
        <div className="flex items-center gap-2">
          <label className="flex items-center gap-2 text-xs text-muted">
            Until
            <Input
              type="date"
              aria-label={`End of role ${number}`}
              value={draft.until}
              disabled={off}
              onChange={(event) => put({ ...draft, until: event.target.value, ended: false })}
            />
          </label>
          {draft.ended && <Badge tone="warning">Ended</Badge>}
          {remove && (
            <IconButton
              size="icon-sm"
              label={`Take out role ${number}`}
              icon={<X aria-hidden />}
              onClick={remove}
            />
          )}
        </div>
      </div>
      {chosen && <p className="text-xs text-muted">{chosen.description}</p>}
    </div>
  )
}
