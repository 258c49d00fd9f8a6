import { createWake } from '@/server/platform/wake'

/** The worker of this process, if it has one, takes up tasks at once. */
export const { onWake, wake: wakeTasks } = createWake()
