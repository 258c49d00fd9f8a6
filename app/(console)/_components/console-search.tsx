'use client'

import { api, clientPrefix } from '@/app/_lib/api-client'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { CommandGroup } from '@/ui/command-palette'
import { CommandMenu } from '@/ui/command-menu'

const RESULTS = 8

interface Props {
  pages: { label: string; href: string; hint: string }[]
  hosts: boolean
  tenants: boolean
}

/** ⌘K: pages, then what the server finds under the person's own rights. */
export function ConsoleSearch({ pages, hosts, tenants }: Props) {
  const paths = () => consolePaths(clientPrefix() as TenantPrefix)
  const search = async (query: string): Promise<CommandGroup[]> => {
    const [hostRows, tenantRows] = await Promise.all([
      hosts
        ? api()
            .hosts.list.query({ search: query, limit: RESULTS })
            .then(({ rows }) => rows)
        : [],
      tenants
        ? api()
            .tenants.list.query({ search: query, limit: RESULTS })
            .then(({ rows }) => rows)
        : [],
    ])
    return [
      {
        heading: 'Hosts',
        items: hostRows.map((row) => ({ id: row.id, label: row.name, href: paths().host(row.id) })),
      },
      {
        heading: 'Tenants',
        items: tenantRows.map((row) => ({
          id: row.id,
          label: row.name,
          hint: row.slug,
          href: paths().tenant(row.id),
        })),
      },
    ].filter(({ items }) => items.length > 0)
  }
  const account = {
    heading: 'Account',
    items: [{ id: 'account', label: 'Account', href: paths_(pages).account }],
  }
  return (
    <CommandMenu
      groups={[{ heading: 'Go to', items: pages.map((page) => ({ id: page.href, ...page })) }, account]}
      search={hosts || tenants ? search : undefined}
    />
  )
}

/** The prefix is known from any link of the navigation, on the server too. */
const paths_ = (pages: Props['pages']) => {
  const home = pages.find(({ label }) => label === 'Home')?.href ?? '/'
  return consolePaths((home === '/' ? '' : home) as TenantPrefix)
}
