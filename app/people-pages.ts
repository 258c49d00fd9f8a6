import { page, type PageDeclaration } from '@/app/page-declaration'

/** The master's pages about everybody: a part of PAGES. */
export const PEOPLE_PAGES = {
  '(console)/admin/people': page({
    title: 'People',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    summary: 'All people of all tenants',
  }),
  '(console)/admin/people/invitations': page({
    title: 'Invitations',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    summary: 'Who is invited, into any tenant or at parent level',
  }),
  '(console)/admin/people/[id]': page({
    title: 'Person',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    ids: { id: 'user' },
    summary: 'One person: level, tenants, and roles in each',
  }),
} as const satisfies Record<string, PageDeclaration>
