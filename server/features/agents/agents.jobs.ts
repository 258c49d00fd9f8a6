import { systemValue } from '@/server/db/system'

/** Three reports of 30 s each missed, and a little for the network. */
const OFFLINE_AFTER_SECONDS = 95

/** Marks hosts that stopped reporting as offline; live pages hear of it. @returns how many */
export function hostSweep(): Promise<number> {
  return systemValue<number, 'hosts_offline'>('hosts_offline', [OFFLINE_AFTER_SECONDS])
}

/** Removes what has expired: old samples (the newer ones are rolled up), rate limits, sign-in codes, old sessions, rested subdomains, credentials of deleted hosts. */
export async function tidy(): Promise<void> {
  await systemValue<null, 'host_samples_tidy'>('host_samples_tidy', [])
  await systemValue<null, 'sweep'>('sweep', [])
}
