/** Facets that the pages of streams keep in their URLs. Not beside the reading of them: that needs zod. */
export const ACTIVITY_FACETS = ['status'] as const
export const BACKUP_FACETS = ['state'] as const
