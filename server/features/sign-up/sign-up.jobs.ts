import { systemValue } from '@/server/db/system'

/** Forgets links that ran out a week ago, and what was answered 90 days ago: the audit log remembers. */
export const forgetSignUps = (): Promise<null> => systemValue<null, 'sign_up_purge'>('sign_up_purge', [])
