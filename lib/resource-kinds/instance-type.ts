import { cores, disk, memory, note, USUAL, type ResourceKind } from './kind'

export const INSTANCE_TYPE: ResourceKind = {
  ...USUAL,
  kind: 'instance_type',
  label: 'Instance type',
  plural: 'Instance types',
  icon: 'cpu',
  description: 'Sizes of machines, with their price.',
  section: 'provisioning',
  slug: 'instance-types',
  permission: 'library',
  member: 'instance_types',
  inCloud: false,
  fields: {
    description: note,
    cores: { ...cores, required: true },
    memory: { ...memory, required: true },
    disk: { ...disk, required: true },
    price: { type: 'ref', label: 'Price', kinds: ['price'] },
  },
  columns: ['cores', 'memory', 'disk'],
}
