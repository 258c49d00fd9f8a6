import { tenantOrigin } from '@/lib/paths'
import { MASTER_SLUG } from '@/lib/master'
import { siteConfig } from '@/server/context/site'
import type { Mail } from '@/server/features/mail/mail.body'

export interface Place {
  name: string
  slug: string
}

/**
 * The mail that invites. Its link leads to the tenant's own host, by the configuration (attack B07); the token is in the fragment, which no server
 * is sent.
 */
export function invitationMail(place: Place, to: string, by: string, token: string): Mail {
  const origin = tenantOrigin(place.slug === MASTER_SLUG ? null : place.slug, siteConfig())
  return {
    kind: 'invitation',
    to,
    sender: place.name,
    subject: `${by} invites you to ${place.name}`,
    title: `Join ${place.name}`,
    lines: [
      `${by} invites you to work in the console of ${place.name}.`,
      'Accepting answers every invitation that waits for this address.',
    ],
    action: { label: 'See the invitation', href: `${origin}/invitation#${token}` },
    notes: [
      'The link works once and for 7 days.',
      'You do not know what this is about? Ignore it, or open it and decline.',
    ],
  }
}
