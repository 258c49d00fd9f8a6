import type { RadioCard } from '@/ui/radio-cards'

/** What each role of a share allows, as people read it. */
export const SHARE_ROLES: RadioCard[] = [
  { value: 'viewer', label: 'Viewer', description: 'Sees it and may refer to it.' },
  { value: 'editor', label: 'Editor', description: 'Also uses it and changes its fields.' },
  { value: 'admin', label: 'Admin', description: 'Also renames it.' },
]

export const SHARE_STATUS = { pending: 'Waiting', live: 'Live', suspended: 'Paused' } as const

/** `Ends in 3 days`; empty where it does not end within a week. */
export const endsSoon = (days: number | null): string =>
  days === null ? '' : days === 0 ? 'Ends within a day' : `Ends in ${days} ${days === 1 ? 'day' : 'days'}`
