'use client'

import { LEVEL_LABELS, LevelChoice } from '@/app/(console)/_components/roles/level-choice'
import {
  AREAS,
  isMasterOnly,
  type Level,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
  rank,
} from '@/lib/permissions'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'

export type LevelMap = Record<Permission, Level>

interface Props {
  levels: LevelMap
  onChange: (levels: LevelMap) => void
  /** As they are stored: a wish above the cap stays. */
  stored: LevelMap
  most: LevelMap
  /** What the person holds; null: not held to it. */
  own: LevelMap | null
  /** Name of the tenant role that caps. */
  cap: string | null
  /** Whether what is the master's alone is shown. */
  inMaster: boolean
  /** Why nothing can be changed. */
  locked?: string
}

/** Every permission with its levels, by area. */
export function PermissionMatrix(props: Props) {
  return (
    <div className="grid gap-4">
      <p className="text-xs text-muted">
        <b className="font-medium text-fg">Read</b> sees everything of the kind.{' '}
        <b className="font-medium text-fg">Own</b> sees and changes what one created.{' '}
        <b className="font-medium text-fg">Groups</b> adds what is in the groups chosen below.{' '}
        <b className="font-medium text-fg">Full</b> sees and changes everything.
      </p>
      {AREAS.map((area) => (
        <Area key={area} area={area} {...props} />
      ))}
    </div>
  )
}

function refusal({ most, own, cap }: Props, name: Permission, level: Level): string | undefined {
  if (rank(level) > rank(most[name]))
    return cap === null
      ? 'The provider’s alone'
      : `The base role ${cap} allows at most ${LEVEL_LABELS[most[name]].toLowerCase()}`
  if (own && rank(level) > rank(own[name]))
    return `You hold ${LEVEL_LABELS[own[name]].toLowerCase()} yourself`
  return undefined
}

function Area({ area, ...props }: Props & { area: (typeof AREAS)[number] }) {
  const names = PERMISSION_NAMES.filter(
    (name) => PERMISSIONS[name].area === area && (props.inMaster || !isMasterOnly(name)),
  )
  if (names.length === 0) return null
  const setAll = (wanted: Level) => {
    const next = names.map((name): [Permission, Level] => {
      const fits = (PERMISSIONS[name].levels as readonly Level[]).filter(
        (level) => rank(level) <= rank(wanted) && refusal(props, name, level) === undefined,
      )
      return [name, fits.at(-1) ?? 'none']
    })
    props.onChange({ ...props.levels, ...Object.fromEntries(next) })
  }
  return (
    <Card
      title={area}
      padded={false}
      actions={
        props.locked === undefined && (
          <span className="flex items-center gap-1 text-xs text-muted">
            All:
            {(['none', 'read', 'full'] as const).map((level) => (
              <Button
                key={level}
                size="sm"
                variant="ghost"
                aria-label={`${area}: set all to ${level}`}
                onClick={() => setAll(level)}
              >
                {LEVEL_LABELS[level]}
              </Button>
            ))}
          </span>
        )
      }
    >
      <ul className="divide-y divide-line">
        {names.map((name) => (
          <Row key={name} name={name} {...props} />
        ))}
      </ul>
    </Card>
  )
}

function Row({ name, ...props }: Props & { name: Permission }) {
  const { label, description } = PERMISSIONS[name]
  const level = props.levels[name]
  const capped = rank(level) > rank(props.most[name])
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-2.5">
      <div className="min-w-48 flex-1">
        <div className="flex flex-wrap items-center gap-2 text-sm font-medium">
          {label}
          {capped && (
            <Badge tone="warning">
              {LEVEL_LABELS[level]}, capped to {LEVEL_LABELS[props.most[name]].toLowerCase()}
              {props.cap === null ? '' : ` by ${props.cap}`}
            </Badge>
          )}
        </div>
        <p className="text-xs text-muted">{description}</p>
      </div>
      <LevelChoice
        label={`${label}: level`}
        name={`level-${name}`}
        value={level}
        disabled={props.locked !== undefined}
        options={(PERMISSIONS[name].levels as readonly Level[]).map((one) => ({
          value: one,
          label: LEVEL_LABELS[one],
          disabled: one === props.stored[name] ? undefined : refusal(props, name, one),
        }))}
        onChange={(next) => props.onChange({ ...props.levels, [name]: next })}
      />
    </li>
  )
}
