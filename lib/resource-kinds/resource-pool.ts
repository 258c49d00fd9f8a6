import { cores, disk, memory, note, USUAL, type ResourceKind } from './kind'

export const RESOURCE_POOL: ResourceKind = {
  ...USUAL,
  kind: 'resource_pool',
  label: 'Resource pool',
  plural: 'Resource pools',
  icon: 'layers',
  description: 'Limits on what the machines in them take together.',
  section: 'infrastructure',
  slug: 'resource-pools',
  permission: 'clouds',
  member: 'pools',
  fields: {
    description: note,
    cores: { ...cores, label: 'Limit of cores' },
    memory: { ...memory, label: 'Limit of memory' },
    disk: { ...disk, label: 'Limit of disk' },
  },
  columns: ['cores', 'memory', 'disk'],
  parent: { kinds: ['resource_pool'], label: 'Part of' },
}
