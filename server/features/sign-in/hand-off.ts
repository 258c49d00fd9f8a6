import { tenantOrigin } from '@/lib/paths'
import { sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { signTicket, TICKET_SECONDS } from '@/server/features/sign-in/ticket'

/** Where the way of a sign-in from the main host to a tenant's begins (hand-off.routes.ts). */
export const HAND_OFF = '/api/sign-in/hand-off'

/**
 * Sends a browser of the main host, which just proved to be that person's, over to the tenant's: the ticket that it keeps, and where it
 * goes. The address comes from the configuration (attack B07).
 */
export function beginHandOff(who: Parameters<typeof signTicket>[0]): { next: string; cookie: string } {
  return {
    next: `${tenantOrigin(who.slug, siteConfig())}${HAND_OFF}/begin`,
    cookie: cookieOf(sessionCookie(null, 'ticket'), signTicket(who), TICKET_SECONDS),
  }
}
