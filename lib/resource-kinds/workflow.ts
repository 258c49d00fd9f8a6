import { note, USUAL, type ResourceKind } from './kind'

export const WORKFLOW: ResourceKind = {
  ...USUAL,
  kind: 'workflow',
  label: 'Workflow',
  plural: 'Workflows',
  icon: 'workflow',
  description: 'Steps that are taken one after another.',
  section: 'provisioning',
  slug: 'workflows',
  permission: 'workflows',
  member: 'workflows',
  inCloud: false,
  fields: {
    description: note,
    steps: { type: 'list', label: 'Steps', required: true, hint: 'One a line' },
  },
  columns: ['description'],
  pending: 'Workflows are kept and shared now, and run in a later version.',
}
