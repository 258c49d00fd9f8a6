import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import type { Mail } from '@/server/features/mail/mail.body'

/** Who asked for what, and in whose name it is answered: the provider's. */
interface Asked {
  provider: string
  email: string
  name: string
}

/** In whose name an address is written to that nobody confirmed yet: with no word of who asked, who may be anybody (no spam by our mails). */
type Unconfirmed = Omit<Asked, 'name'>

/** On the main host, by the configuration (attack B07); the token is in the fragment, which no server is sent. */
const finishPage = (token: string) =>
  `${tenantOrigin(null, siteConfig())}${consolePaths('').signUpFinish}#${token}`
/** Where the people of a tenant sign in. */
const signInPage = (slug: string) =>
  `${tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())}${consolePaths('').signIn}`

const NOT_ME = 'If it was not you, do nothing: nothing is made.'

export const linkMail = ({ provider, email }: Unconfirmed, token: string): Mail => ({
  kind: 'sign_up',
  to: email,
  sender: provider,
  subject: `Confirm your sign-up for ${provider}`,
  title: 'Confirm your e-mail address',
  lines: [
    `Somebody, probably you, wants to make an organization at ${provider} with this address.`,
    'Open the link to go on.',
  ],
  action: { label: 'Go on', href: finishPage(token) },
  notes: ['The link works for 24 hours, once.', NOT_ME],
})

interface Home {
  tenant: string
  slug: string
  username: string
}

/** To an address of somebody who has an account: nothing is made, and nothing of the account changes (attack C09). */
export const accountMail = ({ provider, email }: Unconfirmed, homes: readonly Home[]): Mail => {
  const [first] = homes
  return {
    kind: 'sign_up',
    to: email,
    sender: provider,
    subject: `You have an account at ${provider} already`,
    title: 'You have an account already',
    lines: [
      `Somebody, probably you, wanted to make an organization at ${provider} with this address. It has an account already, so nothing was made.`,
      ...homes.map(
        ({ tenant, slug, username }) => `${tenant}: sign in as “${username}” at ${signInPage(slug)}`,
      ),
      ...(first ? [] : ['The account is disabled. Ask an administrator of your organization.']),
    ],
    ...(first && { action: { label: 'Sign in', href: signInPage(first.slug) } }),
    notes: ['Forgot your password? The sign-in page leads to a new one.', 'If it was not you, do nothing.'],
  }
}

export const approvedMail = ({ provider, email, name }: Asked, token: string): Mail => ({
  kind: 'sign_up',
  to: email,
  sender: provider,
  subject: `${provider} approved “${name}”`,
  title: 'Your organization is approved',
  lines: [`“${name}” can be made now. Open the link to choose how you sign in.`],
  action: { label: 'Make the organization', href: finishPage(token) },
  notes: ['The link works for 7 days, once.', NOT_ME],
})

export const declinedMail = ({ provider, email, name }: Asked, reason: string): Mail => ({
  kind: 'sign_up',
  to: email,
  sender: provider,
  subject: `${provider} declined “${name}”`,
  title: 'Your sign-up was declined',
  lines: [
    `An administrator of ${provider} declined to make the organization “${name}”.`,
    ...(reason === '' ? [] : [`They say: ${reason}`]),
  ],
})

/** In the new tenant's own name, with its own address. */
export const welcomeMail = (
  email: string,
  { name, slug, username }: { name: string; slug: string; username: string },
): Mail => ({
  kind: 'sign_up',
  to: email,
  sender: name,
  subject: `${name} is ready`,
  title: `${name} is ready`,
  lines: [
    `This is where you and your people sign in from now on: ${signInPage(slug)}`,
    `Your username is “${username}”.`,
  ],
  action: { label: 'Sign in', href: signInPage(slug) },
  notes: ['Keep this mail: the address is your organization’s own.'],
})
