import { isIPv6 } from 'node:net'
import { systemValue } from '@/server/db/system'
import { sha256 } from '@/server/platform/crypto'
import { AppError } from '@/server/platform/errors'

/** So many attempts in a fixed window, counted in the database for all processes together. */
export interface Limit {
  bucket: string
  seconds: number
  attempts: number
  /** What one call counts for: all of it fits, or nothing is counted. Left out: 1, which counts where it does not fit, too. */
  hits?: number
}

/** In seconds. */
export const QUARTER_HOUR = 900
export const HOUR = 3600
export const DAY = 86_400

/** The name of a bucket: what is counted, and by whom, hashed: the parts come from outside and may be long or private. */
export function bucketOf(what: string, ...who: string[]): string {
  return `${what}:${sha256(JSON.stringify(who)).slice(0, 40)}`
}

/** Whom an address counts for: itself, and in IPv6 its /64, which one customer has all of. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const middle = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...middle, ...right].slice(0, 4).join(':')}::/64`
}

/** The same words whoever is asked for, known or not. */
export function tooMany(seconds: number): AppError {
  const minutes = Math.ceil(seconds / 60)
  const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`
  return new AppError('rate_limited', `Too many attempts. Try again in ${wait}.`, { retryAfter: seconds })
}

/** Counts one attempt against each limit, in order, up to the first that is used up. @returns seconds to wait; 0: go on */
export async function countAttempt(limits: readonly Limit[]): Promise<number> {
  for (const { bucket, seconds, attempts, hits } of limits) {
    const wait =
      hits === undefined
        ? await systemValue<number, 'rate_hit'>('rate_hit', [bucket, seconds, attempts])
        : await systemValue<number, 'rate_hits'>('rate_hits', [bucket, seconds, attempts, hits])
    if (wait > 0) return wait
  }
  return 0
}

/** As countAttempt. @throws AppError 429 rate_limited with retryAfter */
export async function assertWithin(...limits: Limit[]): Promise<void> {
  const wait = await countAttempt(limits)
  if (wait > 0) throw tooMany(wait)
}

/** Gives the attempts of a bucket back: a typing error before a success is no attack. */
export async function forgetAttempts(bucket: string): Promise<void> {
  await systemValue<null, 'rate_clear'>('rate_clear', [bucket])
}
