import { note, USUAL, type ResourceKind } from './kind'

export const PACKAGE: ResourceKind = {
  ...USUAL,
  kind: 'package',
  label: 'Package',
  plural: 'Packages',
  icon: 'package',
  description:
    'Software to install. One of the provider is used as it is; its changes reach everybody it is shared with.',
  section: 'provisioning',
  slug: 'packages',
  permission: 'packages',
  member: 'packages',
  inCloud: false,
  fields: {
    description: note,
    version: { type: 'text', label: 'Version', required: true, max: 60 },
    platform: {
      type: 'choice',
      label: 'Platform',
      required: true,
      options: ['Linux', 'Windows', 'macOS'].map((label) => ({ value: label.toLowerCase(), label })),
    },
    url: { type: 'text', label: 'Address', format: 'url', hint: 'Where its file lies' },
    install: { type: 'text', label: 'Install command', lines: 3, max: 2000, required: true },
    uninstall: { type: 'text', label: 'Uninstall command', lines: 3, max: 2000 },
  },
  columns: ['version', 'platform'],
  pending: 'Packages are kept and shared now; deploying them comes in a later version.',
}
