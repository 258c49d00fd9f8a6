import { cores, disk, memory, note, USUAL, type ResourceKind } from './kind'

export const VIRTUAL_MACHINE: ResourceKind = {
  ...USUAL,
  kind: 'virtual_machine',
  label: 'Virtual machine',
  plural: 'Virtual machines',
  icon: 'monitor',
  description: 'Virtual machines and containers.',
  section: 'infrastructure',
  slug: 'virtual-machines',
  permission: 'virtualMachines',
  member: 'virtual_machines',
  canBeActedOn: true,
  fields: {
    description: note,
    os: { type: 'text', label: 'Operating system', max: 100 },
    cores,
    memory,
    disk,
    addresses: { type: 'list', label: 'Addresses', format: 'ip' },
    networks: { type: 'ref', label: 'Networks', kinds: ['network'], many: true },
    datastores: { type: 'ref', label: 'Data stores', kinds: ['datastore'], many: true },
    image: { type: 'ref', label: 'Image', kinds: ['virtual_image'] },
    instanceType: { type: 'ref', label: 'Instance type', kinds: ['instance_type'] },
  },
  columns: ['os', 'cores', 'memory', 'disk'],
  parent: { kinds: ['host', 'bare_metal', 'resource_pool', 'folder'], label: 'Stands in' },
}
