import { tenantOrigin } from '@/lib/paths'
import { MASTER_SLUG } from '@/lib/master'
import { siteConfig } from '@/server/context/site'
import type { Mail } from '@/server/features/mail/mail.body'
import { oneLine } from '@/server/features/mail/mail.templates'

export interface Place {
  name: string
  slug: string
}

/**
 * The mail that invites. Its link leads to the tenant's own host, by the configuration (attack B07); the token is in the fragment, which no server
 * is sent.
 */
export function invitationMail({ slug, ...place }: Place, to: string, inviter: string, token: string): Mail {
  // Names are somebody's to choose, and this goes to whoever they choose: no line of its own, nothing that turns the text's direction.
  const [name, by] = [oneLine(place.name), oneLine(inviter)]
  const origin = tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())
  return {
    kind: 'invitation',
    to,
    sender: name,
    subject: `${by} invites you to ${name}`,
    title: `Join ${name}`,
    lines: [
      `${by} invites you to work in the console of ${name}.`,
      'Accepting answers every invitation that waits for this address.',
    ],
    action: { label: 'See the invitation', href: `${origin}/invitation#${token}` },
    notes: [
      'The link works once and for 7 days.',
      'You do not know what this is about? Ignore it, or open it and decline.',
    ],
  }
}
