/** Where a licence comes from, in words. */
export const SOURCE = { trial: 'Trial', stripe: 'Subscription', key: 'Licence key' } as const

export const hostsText = (hosts: number | null): string =>
  hosts === null ? 'Any number of hosts' : `${hosts.toLocaleString('en')} ${hosts === 1 ? 'host' : 'hosts'}`

/** "today", "in 1 day", "in 12 days". */
export const inDays = (days: number): string =>
  days <= 0 ? 'today' : days === 1 ? 'in 1 day' : `in ${days} days`
