import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { callSystem } from '@/server/db/system'
import type { Mail } from '@/server/features/mail/mail.body'
import { queueMailAlone } from '@/server/features/mail/mail.service'
import { log } from '@/server/platform/log'

interface Told {
  tenant: string
  slug: string
  email: string
}

/** Says that emergency access was used. @param ip the address that was used */
export function emergencyMail({ tenant, slug, email }: Told, username: string, ip: string): Mail {
  const origin = tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())
  return {
    kind: 'notice',
    to: email,
    sender: tenant,
    subject: `Emergency access to ${tenant} was used`,
    title: 'Emergency access was used',
    lines: [
      `“${username}” signed in to ${tenant} by emergency access from ${ip}, which may be an address that is not allowed.`,
      'If you do not know why, end that session and set a new password for the account at once.',
    ],
    action: { label: 'See the allowed addresses', href: origin + consolePaths('').settingsSecurity },
    notes: ['You get this because you administer the tenant. The audit log has what was done.'],
  }
}

/** Tells everybody who administers the tenant that emergency access was used. A mail that cannot be queued keeps nobody out. */
export async function tellOfEmergency(
  { tenantId, username }: { tenantId: string; username: string },
  { ip, requestId }: { ip: string; requestId: string },
): Promise<void> {
  log().warn({ requestId, tenantId, ip }, 'emergency access was used')
  try {
    const people = await callSystem<Told, 'break_glass_told'>('break_glass_told', [tenantId])
    for (const person of people) await queueMailAlone(tenantId, emergencyMail(person, username, ip))
  } catch (error) {
    log().error({ err: error, requestId }, 'nobody could be told of an emergency access')
  }
}
