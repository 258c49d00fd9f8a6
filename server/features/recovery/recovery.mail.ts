import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import type { Mail } from '@/server/features/mail/mail.body'

export interface Addressee {
  slug: string
  tenant: string
  username: string
  email: string
}

/**
 * A page on a person's home tenant's host with a token behind `#`: browsers send that part to nobody. The host comes from the configuration,
 * never from a request (attack B07).
 */
function linkTo(slug: string, page: 'reset' | 'verify', token: string): string {
  const paths = consolePaths('')
  return `${tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())}${paths[page]}#${token}`
}

export const resetMail = (to: Addressee, token: string): Mail => ({
  kind: 'password_reset',
  to: to.email,
  sender: to.tenant,
  subject: `Set a new password for ${to.tenant}`,
  title: 'Set a new password',
  lines: [
    `Somebody, probably you, said that the password of “${to.username}” at ${to.tenant} is forgotten.`,
    'Open the link to choose a new one. You are then signed out everywhere.',
  ],
  action: { label: 'Set a new password', href: linkTo(to.slug, 'reset', token) },
  notes: [
    'The link works for 30 minutes, once.',
    'If it was not you, do nothing: your password stays as it is.',
  ],
})

export const passwordChangedMail = (to: Omit<Addressee, 'slug'>): Mail => ({
  kind: 'notice',
  to: to.email,
  sender: to.tenant,
  subject: `Your password for ${to.tenant} was changed`,
  title: 'Your password was changed',
  lines: [
    `The password of “${to.username}” at ${to.tenant} was set anew by a link that was sent to this address.`,
    'If it was not you, tell an administrator at once.',
  ],
})

export const verifyMail = (to: Addressee, token: string): Mail => ({
  kind: 'verify_email',
  to: to.email,
  sender: to.tenant,
  subject: `Confirm your e-mail address for ${to.tenant}`,
  title: 'Confirm your e-mail address',
  lines: [
    `“${to.username}” at ${to.tenant} says that this is their e-mail address. Open the link to confirm it.`,
  ],
  action: { label: 'Confirm this address', href: linkTo(to.slug, 'verify', token) },
  notes: ['The link works for 24 hours, once.', 'If it was not you, do nothing.'],
})

export const factorRemovedMail = (to: Omit<Addressee, 'slug'>): Mail => ({
  kind: 'notice',
  to: to.email,
  sender: to.tenant,
  subject: `Your second factor for ${to.tenant} was removed`,
  title: 'Your second factor was removed',
  lines: [
    `An administrator removed the second factors of “${to.username}” at ${to.tenant}, and signed you out.`,
    'If you did not ask for it, tell an administrator at once.',
  ],
})

/** To the address that was the account's until now. */
export const addressChangedMail = (to: Omit<Addressee, 'slug'>, now: string): Mail => ({
  kind: 'notice',
  to: to.email,
  sender: to.tenant,
  subject: `Your e-mail address for ${to.tenant} was changed`,
  title: 'Your e-mail address was changed',
  lines: [
    `Mail for “${to.username}” at ${to.tenant} goes to ${now} from now on, no longer to this address.`,
    'If it was not you, tell an administrator at once.',
  ],
})
