import { StatusDot } from '@/ui/status-dot'

const DOT = { active: 'live', disabled: 'disabled', deleted: 'offline' } as const
export const STATUS_WORDS = { active: 'Active', disabled: 'Disabled', deleted: 'Deleted' } as const

/** A tenant's status: shape and word. */
export function TenantStatus({ status }: { status: keyof typeof DOT }) {
  return <StatusDot status={DOT[status]} label={STATUS_WORDS[status]} />
}
