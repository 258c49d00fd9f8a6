import { systemValue } from '@/server/db/system'

/** Forgets invitations after 90 days, whatever became of them: the audit log remembers. */
export const forgetInvitations = (): Promise<null> =>
  systemValue<null, 'invitations_purge'>('invitations_purge', [])
