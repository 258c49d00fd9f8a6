import { createWake } from '@/server/platform/wake'

/** The worker of this process, if it has one, looks into a cloud at once. */
export const { onWake: onSyncWake, wake: wakeSync } = createWake()
