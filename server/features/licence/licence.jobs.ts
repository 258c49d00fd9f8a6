import { systemValue } from '@/server/db/system'

/** Notes the time, so that a licence which has ended is over whatever the clock says later (attack H11). */
export const noteClock = (): Promise<unknown> => systemValue('clock_note', [])
