import { note, USUAL, type ResourceKind } from './kind'

export const PROFILE: ResourceKind = {
  ...USUAL,
  kind: 'profile',
  label: 'Profile',
  plural: 'Profiles',
  icon: 'sliders',
  description: 'Parameters that hosts inherit; their agents hand them to the machine.',
  section: 'provisioning',
  slug: 'profiles',
  permission: 'profiles',
  member: 'profiles',
  inCloud: false,
  fields: {
    description: note,
    params: { type: 'params', label: 'Parameters', required: true },
  },
  columns: ['description'],
}
