import { disk, note, USUAL, type ResourceKind } from './kind'

export const DATASTORE: ResourceKind = {
  ...USUAL,
  kind: 'datastore',
  label: 'Data store',
  plural: 'Data stores',
  icon: 'database',
  description: 'Storage that machines and images lie on.',
  section: 'infrastructure',
  slug: 'datastores',
  permission: 'storage',
  member: 'datastores',
  fields: {
    description: note,
    type: {
      type: 'choice',
      label: 'Type',
      required: true,
      options: ['NFS', 'iSCSI', 'Ceph', 'ZFS', 'LVM', 'Directory', 'S3', 'Other'].map((label) => ({
        value: label.toLowerCase(),
        label,
      })),
    },
    capacity: { ...disk, label: 'Capacity', required: true },
    used: { ...disk, label: 'Used', min: 0 },
  },
  columns: ['type', 'capacity', 'used'],
  problem: ({ capacity, used }) =>
    Number(used ?? 0) > Number(capacity) ? { field: 'used', message: 'More than its capacity' } : null,
}
