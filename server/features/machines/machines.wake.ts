import { createWake } from '@/server/platform/wake'

/** The worker of this process, if it has one, does what was asked for at once. */
export const { onWake: onActionsWake, wake: wakeActions } = createWake()

/** The same for machines that are to be made. */
export const { onWake: onCreationsWake, wake: wakeCreations } = createWake()
