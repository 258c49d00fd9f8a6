/** What a tenant may do with a resource, in the words of the access matrix. */
export const CELL_LEVELS = ['none', 'sees', 'uses', 'edits', 'owns'] as const
export type CellLevel = (typeof CELL_LEVELS)[number]

/**
 * Why a tenant has what it has: a share by its role, all of the kind by its role, public or public in a cloud that it added.
 * `offered`: a share that waits for its acceptance, and gives nothing yet.
 */
export const REASONS = [
  'owner',
  'assigned',
  'admin',
  'editor',
  'viewer',
  'allAdmin',
  'allEditor',
  'allViewer',
  'cloud',
  'public',
  'offered',
] as const
export type Reason = (typeof REASONS)[number]

const LEVEL_OF: Record<Reason, CellLevel> = {
  owner: 'owns',
  assigned: 'uses',
  admin: 'edits',
  editor: 'edits',
  viewer: 'sees',
  allAdmin: 'edits',
  allEditor: 'edits',
  allViewer: 'sees',
  cloud: 'sees',
  public: 'sees',
  offered: 'none',
}

const rankOf = (level: CellLevel): number => CELL_LEVELS.indexOf(level)

/** Whether the second level allows more than the first. */
export const isMore = (from: CellLevel, to: CellLevel): boolean => rankOf(to) > rankOf(from)

/** The best of what the reasons give. */
export const levelOf = (reasons: readonly Reason[]): CellLevel =>
  reasons.map((reason) => LEVEL_OF[reason]).reduce<CellLevel>((a, b) => (isMore(a, b) ? b : a), 'none')

/** Levels that a cell can be set to; owning is for ever. */
export const TARGETS = ['none', 'sees', 'edits', 'uses'] as const
export type Target = (typeof TARGETS)[number]

/** Largest number of cells and rows that are changed at once. */
export const MOST_CHANGES = 500
/** So long a change can be undone. */
export const UNDO_DAYS = 7

export const LEVEL_WORDS: Record<CellLevel, string> = {
  none: 'No access',
  sees: 'Sees',
  uses: 'Uses',
  edits: 'Edits',
  owns: 'Owns',
}

/** A reason in words for people. @param names of the cloud it stands in, and of its kind in the plural */
export function reasonWords(reason: Reason, names: { cloud?: string | null; kinds: string }): string {
  switch (reason) {
    case 'owner':
      return 'Owned by the provider'
    case 'assigned':
      return 'Assigned to it'
    case 'viewer':
    case 'editor':
    case 'admin':
      return `Shared with it as ${reason}`
    case 'allViewer':
    case 'allEditor':
    case 'allAdmin':
      return `All ${names.kinds.toLowerCase()} are shared with it as ${reason.slice(3).toLowerCase()}`
    case 'cloud':
      return `Public in ${names.cloud ? `cloud ${names.cloud}` : 'a cloud'}, which it has added`
    case 'public':
      return 'Public'
    case 'offered':
      return 'Offered, and not accepted yet'
  }
}
