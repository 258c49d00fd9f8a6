import type { KindDeclaration } from '@/server/rpc/declaration'

export type PageDeclaration = Omit<KindDeclaration, 'audit' | 'rest'> & { title: string }

const page = (d: PageDeclaration): PageDeclaration => d

/**
 * Every page by its folder under app/, with its declaration: what it needs to be shown. A page.tsx that is not here, or an
 * entry without a page, fails the build (server/sweep). Data on a page comes through procedures, which check again.
 */
export const PAGES = {
  '(auth)/login': page({ title: 'Sign in', scope: 'public', summary: 'Sign in to a tenant' }),
  '(auth)/forgot': page({
    title: 'Forgot your password?',
    scope: 'public',
    summary: 'Ask for a link to set a new password',
  }),
  '(auth)/reset': page({
    title: 'Set a new password',
    scope: 'public',
    summary: 'Set a new password by a link from a mail',
  }),
  '(auth)/verify': page({
    title: 'Confirm your e-mail address',
    scope: 'public',
    summary: 'Confirm an e-mail address by a link from a mail',
  }),
  '(auth)/setup': page({ title: 'Set up Freehold', scope: 'public', summary: 'First-run set-up, once' }),

  '(console)': page({ title: 'Home', scope: 'self', summary: 'What there is, and what to do next' }),
  '(console)/infrastructure/hosts': page({
    title: 'Hosts',
    scope: 'tenant',
    permission: ['hosts', 'read'],
    summary: 'Hosts of the tenant',
  }),
  '(console)/infrastructure/hosts/new': page({
    title: 'Enrol a host',
    scope: 'tenant',
    permission: ['agents', 'read'],
    summary: 'Enrolment tokens and the install command',
  }),
  '(console)/infrastructure/hosts/[id]': page({
    title: 'Host',
    scope: 'tenant',
    permission: ['hosts', 'read'],
    ids: { id: 'resource' },
    summary: 'One host, live',
  }),
  '(console)/[section]/[slug]': page({
    title: 'Resources',
    scope: 'tenant',
    permission: { ofKind: 'read' },
    summary: 'Resources of a kind that the person sees',
  }),
  '(console)/[section]/[slug]/new': page({
    title: 'New resource',
    scope: 'tenant',
    permission: { ofKind: 'read' },
    summary: 'Form for a new resource of a kind',
  }),
  '(console)/[section]/[slug]/[id]': page({
    title: 'Resource',
    scope: 'tenant',
    permission: { ofKind: 'read' },
    ids: { id: 'resource' },
    summary: 'One resource, with what it refers to and what is attached',
  }),
  '(console)/[section]/[slug]/[id]/edit': page({
    title: 'Edit resource',
    scope: 'tenant',
    permission: { ofKind: 'read' },
    ids: { id: 'resource' },
    summary: 'Form that changes a resource and, for the master, who has it',
  }),
  '(console)/explain': page({
    title: 'Explain',
    scope: 'self',
    summary: 'Why somebody may or may not do something',
  }),
  '(console)/infrastructure/groups': page({
    title: 'Groups',
    scope: 'tenant',
    permission: ['groups', 'read'],
    summary: "The tenant's groups of resources",
  }),
  '(console)/infrastructure/groups/[id]': page({
    title: 'Group',
    scope: 'tenant',
    permission: ['groups', 'read'],
    ids: { id: 'group' },
    summary: 'What is in a group, and which roles reach it',
  }),
  '(console)/settings/tasks': page({
    title: 'Tasks',
    scope: 'self',
    summary: 'Work in the background',
  }),
  '(console)/settings/tasks/[id]': page({
    title: 'Task',
    scope: 'self',
    ids: { id: 'task' },
    summary: 'How far a task is, and what it changed',
  }),
  '(console)/settings/mail': page({
    title: 'Mail',
    scope: 'master',
    permission: ['mail', 'read'],
    summary: 'Outgoing mail, and where it goes',
  }),
  '(console)/audit': page({
    title: 'Audit log',
    scope: 'tenant',
    permission: ['audit', 'read'],
    summary: "The tenant's audit log",
  }),

  '(console)/admin/tenants': page({
    title: 'Tenants',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    summary: 'All tenants',
  }),
  '(console)/admin/tenants/new': page({
    title: 'Create tenant',
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'grow',
    summary: 'Wizard for a new tenant',
  }),
  '(console)/admin/tenants/[id]': page({
    title: 'Tenant',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'One tenant',
  }),
  '(console)/admin/tenants/[id]/users': page({
    title: 'Users',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'Users of a tenant',
  }),
  '(console)/admin/tenants/[id]/roles': page({
    title: 'Roles',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'Roles of a tenant',
  }),
  '(console)/admin/tenants/[id]/roles/new': page({
    title: 'Create role',
    scope: 'master',
    permission: ['tenantUsers', 'full'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'A new role in a tenant',
  }),
  '(console)/admin/tenants/[id]/roles/[roleId]': page({
    title: 'Role',
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    ids: { id: 'tenant', roleId: 'role' },
    summary: 'One role of a tenant',
  }),
  '(console)/admin/roles': page({
    title: 'Tenant roles',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    summary: 'What subtenants can have at most',
  }),
  '(console)/admin/roles/new': page({
    title: 'Create tenant role',
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    summary: 'A new tenant role',
  }),
  '(console)/admin/roles/[id]': page({
    title: 'Tenant role',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    ids: { id: 'tenantRole' },
    summary: 'One tenant role',
  }),
  '(console)/admin/tenants/[id]/resources': page({
    title: 'See as tenant',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'What a tenant sees, read-only and audited in both logs',
  }),
  '(console)/admin/tenants/[id]/audit': page({
    title: 'Audit log',
    scope: 'master',
    permission: ['audit', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'Audit log of a tenant',
  }),
  '(console)/admin/tenants/[id]/setup': page({
    title: 'Set-up',
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'Guided set-up of a tenant',
  }),
  '(console)/admin/matrix': page({
    title: 'Access matrix',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    summary: 'What each tenant may do with what the master owns, in one grid',
  }),
  '(console)/admin/audit': page({
    title: 'Audit log of all tenants',
    scope: 'master',
    permission: ['audit', 'read'],
    summary: 'Audit log across tenants',
  }),
  '(console)/admin/tenants/[id]/members': page({
    title: 'Members map',
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    ids: { id: 'tenant' },
    summary: 'What the master gives a tenant, by type',
  }),
  '(console)/settings/sharing': page({
    title: 'Sharing',
    scope: 'tenant',
    permission: ['sharing', 'read'],
    licence: 'use',
    summary: 'What the tenant shares with others',
  }),
  '(console)/settings/sharing/incoming': page({
    title: 'Shared with this tenant',
    scope: 'tenant',
    permission: ['sharing', 'read'],
    licence: 'use',
    summary: 'What others share with the tenant',
  }),
  '(console)/settings/tenants': page({
    title: 'Multi-tenancy',
    scope: 'master',
    permission: ['settings', 'read'],
    summary: 'The toggle and the licence',
  }),
  '(console)/settings/security': page({
    title: 'Security',
    scope: 'tenant',
    permission: ['identity', 'read'],
    summary: 'What the tenant asks of passwords, sign-ins and sessions',
  }),
  '(console)/settings/users': page({
    title: 'Users',
    scope: 'tenant',
    permission: ['users', 'read'],
    summary: "The tenant's users",
  }),

  '(console)/settings/users/[id]/rights': page({
    title: 'Effective rights',
    scope: 'tenant',
    permission: ['users', 'read'],
    ids: { id: 'user' },
    summary: 'What somebody may do, and why',
  }),
  '(console)/settings/roles': page({
    title: 'Roles',
    scope: 'tenant',
    permission: ['roles', 'read'],
    summary: 'What people of the tenant may do',
  }),
  '(console)/settings/roles/new': page({
    title: 'Create role',
    scope: 'tenant',
    permission: ['roles', 'full'],
    summary: 'A new role',
  }),
  '(console)/settings/roles/import': page({
    title: 'Import roles',
    scope: 'tenant',
    permission: ['roles', 'full'],
    summary: 'Roles from a file',
  }),
  '(console)/settings/roles/[id]': page({
    title: 'Role',
    scope: 'tenant',
    permission: ['roles', 'read'],
    ids: { id: 'role' },
    summary: 'One role',
  }),

  '(console)/account': page({ title: 'Account', scope: 'self', summary: 'Who am I, and what may I do here' }),
  '(console)/account/sessions': page({ title: 'Sessions', scope: 'self', summary: 'Where I am signed in' }),
  '(console)/account/security': page({
    title: 'Security',
    scope: 'self',
    summary: 'My second factors: codes from an app, recovery codes',
  }),
  '(console)/account/password': page({
    title: 'Change password',
    scope: 'self',
    summary: 'Change my password',
  }),
} as const satisfies Record<string, PageDeclaration>

export type PageName = keyof typeof PAGES
