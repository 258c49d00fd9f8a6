import { note, USUAL, type ResourceKind } from './kind'

export const POLICY: ResourceKind = {
  ...USUAL,
  kind: 'policy',
  label: 'Policy',
  plural: 'Policies',
  icon: 'shield',
  description: 'Limits that machines have to keep.',
  section: 'provisioning',
  slug: 'policies',
  permission: 'policies',
  member: 'policies',
  inCloud: false,
  fields: {
    description: note,
    type: {
      type: 'choice',
      label: 'Limits',
      required: true,
      options: [
        { value: 'maxVms', label: 'Virtual machines' },
        { value: 'maxHosts', label: 'Hosts' },
        { value: 'maxCores', label: 'Cores' },
        { value: 'maxMemory', label: 'Memory (GiB)' },
        { value: 'maxStorage', label: 'Storage (GiB)' },
      ],
    },
    limit: { type: 'number', label: 'At most', required: true, unit: 'count', min: 0, max: 1_000_000_000 },
  },
  columns: ['type', 'limit'],
  pending: 'Policies are kept and shared now, and enforced in a later version.',
}
