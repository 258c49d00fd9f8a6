import type { InvitationRow } from '@/server/features/invitations/invitations.schema'
import type { Tone } from '@/ui/tone'

/** What became of an invitation, as lists say it. */
export const INVITATION_STATUS: Record<InvitationRow['status'], { label: string; tone: Tone }> = {
  pending: { label: 'Pending', tone: 'info' },
  expired: { label: 'Expired', tone: 'warning' },
  accepted: { label: 'Accepted', tone: 'success' },
  declined: { label: 'Declined', tone: 'neutral' },
  revoked: { label: 'Taken back', tone: 'neutral' },
}
export const STATUS_OPTIONS = Object.entries(INVITATION_STATUS).map(([value, { label }]) => ({
  value,
  label,
}))

/** Why nothing is done to it any more; undefined: it waits, or ran out and can be sent again. */
export const overReason = ({ status }: Pick<InvitationRow, 'status'>): string | undefined =>
  status === 'pending' || status === 'expired' ? undefined : 'It has been answered or taken back'
