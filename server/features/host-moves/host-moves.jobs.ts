import { systemValue } from '@/server/db/system'

/** Removes what migrations kept once they are 7 days old: from then on they cannot be undone. */
export async function forgetHostMoves(): Promise<void> {
  await systemValue<null, 'host_moves_purge'>('host_moves_purge', [])
}
