import { note, USUAL, type ResourceKind } from './kind'

/** What holds other resources, and is offered, added and assigned as a whole (PRODUCT rules 4 and 5). */
export const CLOUD: ResourceKind = {
  ...USUAL,
  kind: 'cloud',
  label: 'Cloud',
  plural: 'Clouds',
  icon: 'cloud',
  description: 'Places where machines, networks and storage stand.',
  section: 'infrastructure',
  slug: 'clouds',
  permission: 'clouds',
  member: 'clouds',
  inCloud: false,
  fields: {
    description: note,
    location: {
      type: 'text',
      label: 'Location',
      hint: 'Where it stands, such as Stockholm or eu-north-1',
      max: 100,
    },
    provider: {
      type: 'choice',
      label: 'Type',
      options: ['Proxmox VE', 'Incus', 'libvirt', 'OpenStack', 'Docker', 'Other'].map((label) => ({
        value: label.toLowerCase(),
        label,
      })),
    },
  },
  columns: ['provider', 'location'],
}
