import type { Mail } from '@/server/features/mail/mail.body'
import type { PoolLevel } from './usage.schema'

/** How full so many of so many are, as warnings know it: from 80 and from 100 per cent on. @param most null: no limit */
export function levelOf(used: number, most: number | null): PoolLevel {
  if (most === null || used * 5 < most * 4) return 0
  return used >= most ? 100 : 80
}

/** The month that runs, and those before it, as 2026-11 in UTC; the newest first. */
export function lastMonths(count: number, now = new Date()): string[] {
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1)).toISOString().slice(0, 7),
  )
}

const hosts = (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'host' : 'hosts'}`

/** The mail to whoever may change the provider's settings, once each time that the pool reaches 80 or 100 per cent. */
export function warningMail(
  to: string,
  warning: { to: 80 | 100; used: number; most: number; sender: string },
  href: string,
): Mail {
  const { used, most, sender } = warning
  const full = warning.to === 100
  return {
    kind: 'notice',
    to,
    sender,
    subject: full ? 'The host licence is full' : 'The host licence is 80 % full',
    title: full ? 'No more hosts can be added' : 'The host licence fills up',
    lines: [
      `The licence covers ${hosts(most)}; ${used.toLocaleString('en')} are there, over all tenants.`,
      full
        ? 'Nothing is lost and everything goes on. New hosts are refused until some are removed or the licence is larger.'
        : `There is room for ${hosts(most - used)} more.`,
    ],
    action: { label: 'Show usage', href },
  }
}
