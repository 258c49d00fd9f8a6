import { systemValue } from '@/server/db/system'

/** Announces the ends of shares 7 days and 1 day before, and removes those that have ended. @returns how many of both */
export function grantsTick(): Promise<number> {
  return systemValue<number, 'grants_tick'>('grants_tick', [])
}
