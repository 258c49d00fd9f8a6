import { page } from '@/app/page-declaration'

/** Pages of what stands in clouds and of the kinds of resources; a part of PAGES in pages.ts. */
export const INFRASTRUCTURE_PAGES = {
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
    impersonating: 'refused',
    summary: 'Enrolment tokens and the install command',
  }),
  '(console)/infrastructure/hosts/moves': page({
    title: 'Migrations',
    scope: 'master',
    permission: ['hosts', 'read'],
    licence: 'use',
    summary: 'Hosts that went from one tenant to another in the last 7 days',
  }),
  '(console)/infrastructure/hosts/moves/[id]': page({
    title: 'Migration',
    scope: 'master',
    permission: ['hosts', 'read'],
    licence: 'use',
    ids: { id: 'hostMove' },
    summary: 'One migration of hosts: what it changed, and its undoing',
  }),
  '(console)/infrastructure/hosts/[id]': page({
    title: 'Host',
    scope: 'tenant',
    permission: ['hosts', 'read'],
    ids: { id: 'resource' },
    summary: 'One host, live',
  }),
  '(console)/infrastructure/backups': page({
    title: 'Backups',
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    summary: 'Backups that clouds keep of machines, newest first',
  }),
  '(console)/activity/tasks': page({
    title: 'Cloud tasks',
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    summary: 'What clouds did, by whomever, newest first',
  }),
  '(console)/activity/events': page({
    title: 'Cloud events',
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    summary: 'What happened in clouds, newest first',
  }),
  '(console)/infrastructure/clouds/connect': page({
    title: 'Connect a cloud',
    scope: 'tenant',
    permission: ['clouds', 'read'],
    summary: 'Connects a cloud by its API: where it is, whom to believe, as whom to sign in',
  }),
  '(console)/infrastructure/clouds/[id]/connection': page({
    title: 'Connection',
    scope: 'tenant',
    permission: ['clouds', 'read'],
    ids: { id: 'resource' },
    summary: 'How a cloud is reached, for who controls it',
  }),
  '(console)/infrastructure/virtual-machines/create': page({
    title: 'Create a machine',
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    summary: 'Makes a virtual machine or container in a cloud, and shows what came of the last ones',
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
  '(console)/[section]/[slug]/import': page({
    title: 'Import resources',
    scope: 'tenant',
    permission: { ofKind: 'read' },
    summary: 'Reads an inventory of a kind, shows what would come of it, and imports it',
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
}
