import type { PageDeclaration } from '@/app/pages'
import { EMERGENCY, WAY_BACK } from '@/lib/from-anywhere'

const page = (d: PageDeclaration): PageDeclaration => d

/** Pages of whoever is not signed in; a part of PAGES. */
export const PUBLIC_PAGES = {
  '(auth)/login': page({ title: 'Sign in', scope: 'public', summary: 'Sign in to a tenant' }),
  '(auth)/impersonation-over': page({
    title: 'Impersonation is over',
    scope: 'public',
    address: WAY_BACK,
    summary: 'That one acts as nobody any more, and the way back to the master’s console',
  }),
  '(auth)/emergency': page({
    title: 'Emergency access',
    scope: 'public',
    address: EMERGENCY,
    summary: 'Sign in from an address that is not allowed, with an account of emergency',
  }),
  '(auth)/forgot': page({
    title: 'Forgot your password?',
    scope: 'public',
    summary: 'Ask for a new password',
  }),
  '(auth)/reset': page({ title: 'Set a new password', scope: 'public', summary: 'By a link from a mail' }),
  '(auth)/verify': page({
    title: 'Confirm your e-mail address',
    scope: 'public',
    summary: 'Confirm an e-mail address by a link from a mail',
  }),
  '(auth)/setup': page({ title: 'Set up Freehold', scope: 'public', summary: 'First-run set-up, once' }),
  '(auth)/invitation': page({
    title: 'Invitation',
    scope: 'public',
    summary: 'Accept or decline an invitation, by its link',
  }),
}
