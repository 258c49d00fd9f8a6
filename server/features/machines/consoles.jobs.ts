import { systemValue } from '@/server/db/system'

/** Ends in the log what nobody opened, and what ended with its process; forgets the old. */
export const consolesTick = (): Promise<unknown> => systemValue('console_sweep', [])
