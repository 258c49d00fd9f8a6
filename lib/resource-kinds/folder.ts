import { note, USUAL, type ResourceKind } from './kind'

export const FOLDER: ResourceKind = {
  ...USUAL,
  kind: 'folder',
  label: 'Folder',
  plural: 'Folders',
  icon: 'folder',
  description: 'Folders that put machines in order.',
  section: 'infrastructure',
  slug: 'folders',
  permission: 'clouds',
  member: 'folders',
  fields: { description: note },
  columns: ['description'],
  parent: { kinds: ['folder'], label: 'Inside' },
}
