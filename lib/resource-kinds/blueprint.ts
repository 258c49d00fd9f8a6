import { note, USUAL, type ResourceKind } from './kind'

export const BLUEPRINT: ResourceKind = {
  ...USUAL,
  kind: 'blueprint',
  label: 'Blueprint',
  plural: 'Blueprints',
  icon: 'layout-template',
  description: 'What makes up a machine or an application: images, instance types and networks.',
  section: 'provisioning',
  slug: 'blueprints',
  permission: 'library',
  member: 'blueprints',
  inCloud: false,
  fields: {
    description: note,
    images: { type: 'ref', label: 'Images', kinds: ['virtual_image'], many: true, required: true },
    instanceTypes: {
      type: 'ref',
      label: 'Instance types',
      kinds: ['instance_type'],
      many: true,
      required: true,
    },
    networks: { type: 'ref', label: 'Networks', kinds: ['network'], many: true },
  },
  columns: ['description'],
  pending: 'Provisioning machines from it comes with the connectors, in a later version.',
}
