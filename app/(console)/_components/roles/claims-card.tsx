'use client'

import { Plus, Trash2 } from 'lucide-react'
import type { ClaimState } from '@/app/(console)/_components/roles/access-state'
import type { Choices } from '@/app/(console)/_components/roles/choices'
import { CLAIM_ACTIONS } from '@/lib/access'
import { KINDS } from '@/lib/resource-kinds/registry'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { IconButton } from '@/ui/icon-button'
import { Picker } from '@/ui/picker'

interface Props {
  claims: readonly ClaimState[]
  onChange: (claims: ClaimState[]) => void
  /** Finds single objects. */
  search: Choices['resource']
  locked: boolean
}

const NEW: ClaimState = { kinds: ['host'], actions: ['list', 'get'], resources: [{ id: '*', name: 'All' }] }

/** Kinds x actions x objects: rights beside the levels, as Digital Rebar has them (seed 004). */
export function ClaimsCard({ claims, onChange, search, locked }: Props) {
  const put = (at: number, claim: ClaimState) => onChange(claims.map((one, i) => (i === at ? claim : one)))
  return (
    <Card
      title="Claims"
      description="Single actions on kinds of things, beside the levels. The tenant's cap cuts them too."
      padded={false}
    >
      <ul className="divide-y divide-line">
        {claims.map((claim, i) => (
          <li key={i} className="grid gap-3 px-4 py-3">
            <div className="flex items-start justify-between gap-2">
              <span className="text-sm font-medium">Claim {i + 1}</span>
              {!locked && (
                <IconButton
                  size="icon-sm"
                  label={`Take out claim ${i + 1}`}
                  icon={<Trash2 aria-hidden />}
                  onClick={() => onChange(claims.filter((_one, at) => at !== i))}
                />
              )}
            </div>
            <Choices
              legend={`Kinds of claim ${i + 1}`}
              options={[
                { value: '*', label: 'Every kind' },
                ...KINDS.map(({ kind, plural }) => ({ value: kind, label: plural })),
              ]}
              value={claim.kinds}
              locked={locked}
              onChange={(kinds) => put(i, { ...claim, kinds })}
            />
            <Choices
              legend={`Actions of claim ${i + 1}`}
              options={[
                { value: '*', label: 'Anything' },
                ...CLAIM_ACTIONS.map((action) => ({ value: action, label: action })),
              ]}
              value={claim.actions}
              locked={locked}
              onChange={(actions) => put(i, { ...claim, actions })}
            />
            <Objects claim={claim} search={search} locked={locked} onChange={(next) => put(i, next)} />
          </li>
        ))}
        {!locked && (
          <li className="px-4 py-2">
            <Button
              size="sm"
              variant="ghost"
              icon={<Plus aria-hidden />}
              onClick={() => onChange([...claims, NEW])}
            >
              Add claim
            </Button>
          </li>
        )}
      </ul>
    </Card>
  )
}

interface ChoicesProps {
  legend: string
  options: readonly { value: string; label: string }[]
  value: readonly string[]
  onChange: (value: string[]) => void
  locked: boolean
}

function Choices({ legend, options, value, onChange, locked }: ChoicesProps) {
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1.5">
        {options.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            disabled={locked}
            checked={value.includes(option.value)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...value, option.value] : value.filter((one) => one !== option.value),
              )
            }
          />
        ))}
      </div>
    </fieldset>
  )
}

interface ObjectsProps extends Pick<Props, 'search' | 'locked'> {
  claim: ClaimState
  onChange: (claim: ClaimState) => void
}

function Objects({ claim, onChange, search, locked }: ObjectsProps) {
  const { resources } = claim
  const take = (id: string) => onChange({ ...claim, resources: resources.filter((one) => one.id !== id) })
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <span className="text-muted">On</span>
      {resources.map(({ id, name }) => (
        <Button key={id} size="sm" disabled={locked} aria-label={`Take out ${name}`} onClick={() => take(id)}>
          {name} ×
        </Button>
      ))}
      {!locked && (
        <>
          {!resources.some(({ id }) => id === '*') && (
            <Button
              size="sm"
              variant="ghost"
              onClick={() => onChange({ ...claim, resources: [{ id: '*', name: 'All' }] })}
            >
              All
            </Button>
          )}
          <Picker
            label="Object"
            value={null}
            search={search}
            onChange={({ value, label }) =>
              onChange({
                ...claim,
                resources: [
                  ...resources.filter(({ id }) => id !== '*' && id !== value),
                  { id: value, name: label },
                ],
              })
            }
            trigger={
              <Button size="sm" variant="ghost" icon={<Plus aria-hidden />}>
                Single object
              </Button>
            }
          />
        </>
      )}
    </div>
  )
}
