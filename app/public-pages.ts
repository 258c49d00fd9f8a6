import type { PageDeclaration } from '@/app/page-declaration'
import { EMERGENCY, WAY_BACK } from '@/lib/from-anywhere'

const page = (d: Omit<PageDeclaration, 'scope'>): PageDeclaration => ({ scope: 'public', ...d })

/** Pages of whoever is not signed in; a part of PAGES. */
export const PUBLIC_PAGES = {
  '(auth)/login': page({ title: 'Sign in', summary: 'Sign in to a tenant' }),
  '(auth)/impersonation-over': page({
    title: 'Impersonation is over',
    address: WAY_BACK,
    summary: 'That one acts as nobody any more, and the way back to the master’s console',
  }),
  '(auth)/emergency': page({
    title: 'Emergency access',
    address: EMERGENCY,
    summary: 'Sign in from an address that is not allowed, with an account of emergency',
  }),
  '(auth)/forgot': page({ title: 'Forgot your password?', summary: 'Ask for a new password' }),
  '(auth)/reset': page({ title: 'Set a new password', summary: 'By a link from a mail' }),
  '(auth)/verify': page({
    title: 'Confirm your e-mail address',
    summary: 'Confirm an e-mail address by a link from a mail',
  }),
  '(auth)/setup': page({ title: 'Set up Freehold', summary: 'First-run set-up, once' }),
  '(auth)/sign-up': page({
    title: 'Create an organization',
    summary: 'Sign up for a tenant of one’s own, where the master allows it',
  }),
  '(auth)/sign-up/finish': page({
    title: 'Your new organization',
    summary: 'Make the tenant that one signed up for, by a link from a mail',
  }),
  '(auth)/invitation': page({
    title: 'Invitation',
    summary: 'Accept or decline an invitation, by its link',
  }),
}
