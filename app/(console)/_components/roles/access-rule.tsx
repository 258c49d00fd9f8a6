'use client'

import { Plus, X } from 'lucide-react'
import { LevelChoice } from '@/app/(console)/_components/roles/level-choice'
import type { Named, RuleState } from '@/app/(console)/_components/roles/access-state'
import type { Access } from '@/lib/access'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { IconButton } from '@/ui/icon-button'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'

const ACCESS = [
  { value: 'none', label: 'None' },
  { value: 'read', label: 'Read' },
  { value: 'full', label: 'Full' },
] as const

type Search = (query: string, signal: AbortSignal) => Promise<readonly PickerOption[]>

interface ListProps {
  /** "Cloud": names the choices. */
  label: string
  entries: readonly Named[]
  onChange: (entries: Named[]) => void
  /** Null: nothing can be added here. */
  search: Search | null
  locked: boolean
}

/** Things with an access each; what is added begins with read. */
export function EntryList({ label, entries, onChange, search, locked }: ListProps) {
  const put = (id: string, access: Access) =>
    onChange(entries.map((one) => (one.id === id ? { ...one, access } : one)))
  return (
    <ul className="divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.id} className="flex flex-wrap items-center justify-between gap-2 px-4 py-2">
          <span className="min-w-0 truncate text-sm">{entry.name}</span>
          <span className="flex items-center gap-1">
            <LevelChoice
              label={`${label} ${entry.name}`}
              name={`access-${label}-${entry.id}`}
              options={ACCESS}
              value={entry.access}
              disabled={locked}
              onChange={(access) => put(entry.id, access)}
            />
            {!locked && (
              <IconButton
                size="icon-sm"
                label={`Take out ${entry.name}`}
                icon={<X aria-hidden />}
                onClick={() => onChange(entries.filter(({ id }) => id !== entry.id))}
              />
            )}
          </span>
        </li>
      ))}
      {!locked && search && (
        <li className="px-4 py-2">
          <Picker
            label={label}
            value={null}
            search={search}
            onChange={(option) => {
              if (!entries.some(({ id }) => id === option.value))
                onChange([...entries, { id: option.value, name: option.label, access: 'read' }])
            }}
            trigger={
              <Button size="sm" variant="ghost" icon={<Plus aria-hidden />}>
                Add {label.toLowerCase()}
              </Button>
            }
          />
        </li>
      )}
    </ul>
  )
}

interface Props extends Omit<ListProps, 'entries' | 'onChange'> {
  title: string
  description: string
  /** "All other clouds". */
  others: string
  rule: RuleState
  onChange: (rule: RuleState) => void
}

/** A default and what beats it for single things. */
export function AccessRuleCard({ title, description, others, rule, onChange, ...list }: Props) {
  return (
    <Card title={title} description={description} padded={false}>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2">
        <span className="text-sm font-medium">
          {rule.entries.length === 0 ? others.replace('other ', '') : others}
        </span>
        <LevelChoice
          label={others}
          name={`default-${list.label}`}
          options={ACCESS}
          value={rule.default}
          disabled={list.locked}
          onChange={(access) => onChange({ ...rule, default: access })}
        />
      </div>
      <EntryList {...list} entries={rule.entries} onChange={(entries) => onChange({ ...rule, entries })} />
    </Card>
  )
}
