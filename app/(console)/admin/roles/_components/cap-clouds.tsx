'use client'

import { LevelChoice } from '@/app/(console)/_components/roles/level-choice'
import type { Access } from '@/lib/access'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'

export interface CloudChoice {
  id: string
  name: string
  public: boolean
  /** Null: as other clouds. */
  level: Access | null
}

interface Props {
  clouds: readonly CloudChoice[]
  /** Access to clouds that are not named. */
  other: Access
  locked: boolean
  onChange: (clouds: CloudChoice[]) => void
  onOther: (other: Access) => void
}

const ACCESS = [
  { value: 'none', label: 'None' },
  { value: 'read', label: 'Read' },
  { value: 'full', label: 'Full' },
] as const

/** Which of the master's public clouds a subtenant is offered, and what it may do there. */
export function CapClouds({ clouds, other, locked, onChange, onOther }: Props) {
  return (
    <Card
      title="Public clouds"
      description="None: not offered. Read: its page and its public contents. Full: also used to provision, and to add hosts and machines."
      padded={false}
    >
      <ul className="divide-y divide-line">
        <li className="flex flex-wrap items-center justify-between gap-2 px-4 py-2">
          <span className="text-sm font-medium">Clouds that are not named</span>
          <LevelChoice
            label="Clouds that are not named"
            name="cloud-default"
            options={ACCESS}
            value={other}
            disabled={locked}
            onChange={onOther}
          />
        </li>
        {clouds.map((cloud) => (
          <li key={cloud.id} className="flex flex-wrap items-center justify-between gap-2 px-4 py-2">
            <span className="flex items-center gap-2 text-sm">
              {cloud.name}
              {!cloud.public && (
                <Badge title="It is not public any more: nobody is offered it">Not public</Badge>
              )}
            </span>
            <LevelChoice
              label={`Cloud ${cloud.name}`}
              name={`cloud-${cloud.id}`}
              options={[{ value: 'default', label: 'As others' }, ...ACCESS]}
              value={cloud.level ?? 'default'}
              disabled={locked}
              onChange={(level) =>
                onChange(
                  clouds.map((one) =>
                    one.id === cloud.id ? { ...one, level: level === 'default' ? null : level } : one,
                  ),
                )
              }
            />
          </li>
        ))}
      </ul>
      {clouds.length === 0 && (
        <p className="border-t border-line px-4 py-3 text-sm text-muted">
          There is no public cloud yet. Make one public under Clouds to offer it.
        </p>
      )}
    </Card>
  )
}
