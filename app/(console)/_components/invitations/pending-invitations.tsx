import { TextLink } from '@/ui/text-link'

/** Above a tenant's users: who is asked in and has not answered. */
export function PendingInvitations({
  page: { total, totalCapped },
  href,
}: {
  page: { total: number; totalCapped: boolean }
  /** The page of invitations. */
  href: string
}) {
  if (total === 0) return null
  const many = `${total.toLocaleString('en')}${totalCapped ? '+' : ''}`
  return (
    <p className="mb-3 text-sm">
      <TextLink href={`${href}?status=pending`}>
        {total === 1 ? '1 invitation is pending' : `${many} invitations are pending`}
      </TextLink>
    </p>
  )
}
