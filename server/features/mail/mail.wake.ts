import { createWake } from '@/server/platform/wake'

/** The worker of this process, if it has one, sends at once what was queued. */
export const { onWake: onMailWake, wake: wakeMail } = createWake()
