/** A username out of an e-mail address: its first part, where that may be one. */
export const suggestUsername = (email: string): string =>
  (email.split('@')[0] ?? '').replace(/[^a-z0-9._+-]/g, '').replace(/^[^a-z0-9]+/, '')
