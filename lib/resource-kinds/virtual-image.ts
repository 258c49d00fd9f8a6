import { disk, note, USUAL, type ResourceKind } from './kind'

export const VIRTUAL_IMAGE: ResourceKind = {
  ...USUAL,
  kind: 'virtual_image',
  label: 'Virtual image',
  plural: 'Virtual images',
  icon: 'disc',
  description: 'Images that machines are made from.',
  section: 'provisioning',
  slug: 'virtual-images',
  permission: 'library',
  member: 'images',
  fields: {
    description: note,
    os: { type: 'text', label: 'Operating system', required: true, max: 100 },
    format: {
      type: 'choice',
      label: 'Format',
      required: true,
      options: ['QCOW2', 'Raw', 'VMDK', 'VHD', 'OVA', 'ISO', 'Container'].map((label) => ({
        value: label.toLowerCase(),
        label,
      })),
    },
    size: { ...disk, label: 'Size' },
    minDisk: { ...disk, label: 'Minimum disk' },
    url: { type: 'text', label: 'Address', format: 'url', hint: 'Where the file lies' },
  },
  columns: ['os', 'format', 'size', 'minDisk'],
}
