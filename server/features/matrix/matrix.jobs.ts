import { systemValue } from '@/server/db/system'

/** Removes what a bulk change found and left once it is 7 days old: from then on it cannot be undone. */
export async function forgetMatrixChanges(): Promise<void> {
  await systemValue<null, 'matrix_purge'>('matrix_purge', [])
}
