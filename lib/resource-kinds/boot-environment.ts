import { note, USUAL, type ResourceKind } from './kind'

export const BOOT_ENVIRONMENT: ResourceKind = {
  ...USUAL,
  kind: 'boot_environment',
  label: 'Boot environment',
  plural: 'Boot environments',
  icon: 'power',
  description: 'What a server boots over the network: an iPXE script at a signed address.',
  section: 'provisioning',
  slug: 'boot-environments',
  permission: 'profiles',
  member: 'bootenvs',
  inCloud: false,
  fields: {
    description: note,
    kernel: { type: 'text', label: 'Kernel', format: 'url', required: true },
    initrds: { type: 'list', label: 'Initial ram disks', format: 'url' },
    arguments: {
      type: 'text',
      label: 'Kernel arguments',
      max: 1000,
      hint: '{{name}} is replaced by the parameter of that name.',
    },
    params: { type: 'params', label: 'Parameters' },
  },
  columns: ['kernel'],
}
