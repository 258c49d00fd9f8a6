/** Where a licence comes from, in words. */
export const SOURCE = { trial: 'Trial', stripe: 'Subscription', key: 'Licence key' } as const

export const hostsText = (hosts: number | null): string =>
  hosts === null ? 'Any number of hosts' : `${hosts.toLocaleString('en')} ${hosts === 1 ? 'host' : 'hosts'}`
