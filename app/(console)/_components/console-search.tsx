'use client'

import { Plus } from 'lucide-react'
import { api, clientPrefix } from '@/app/_lib/api-client'
import { KindIcon } from '@/app/(console)/_components/kind-icon'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { CommandGroup } from '@/ui/command-palette'
import { CommandMenu } from '@/ui/command-menu'

const RESULTS = 8

/** A kind of resource that the person may look at. */
export interface SearchKind {
  kind: string
  label: string
  plural: string
  icon: string
  section: string
  href: string
  /** Null: they may not make one. */
  newHref: string | null
}

interface Props {
  pages: { label: string; href: string; hint: string }[]
  kinds: readonly SearchKind[]
  tenants: boolean
}

/** ⌘K: pages, what can be made, then what the server finds under the person's own rights. */
export function ConsoleSearch({ pages, kinds, tenants }: Props) {
  return (
    <CommandMenu
      groups={fixedGroups(pages, kinds)}
      search={kinds.length > 0 || tenants ? (query) => find(query, kinds, tenants) : undefined}
    />
  )
}

function fixedGroups(pages: Props['pages'], kinds: readonly SearchKind[]): CommandGroup[] {
  const linked = new Set(pages.map(({ href }) => href))
  const tabs = kinds.filter(({ href }) => !linked.has(href))
  return [
    {
      heading: 'Go to',
      items: [
        ...pages.map((page) => ({ id: page.href, ...page })),
        ...tabs.map(({ href, plural, section }) => ({ id: href, label: plural, href, hint: section })),
      ],
    },
    {
      heading: 'Create',
      items: kinds.flatMap(({ label, newHref, kind }) =>
        newHref === null
          ? []
          : [
              {
                id: `new:${kind}`,
                label: `Create ${label.toLowerCase()}`,
                href: newHref,
                icon: <Plus aria-hidden />,
              },
            ],
      ),
    },
    { heading: 'Account', items: [{ id: 'account', label: 'Account', href: pathsOf(pages).account }] },
  ]
}

async function find(query: string, kinds: readonly SearchKind[], tenants: boolean): Promise<CommandGroup[]> {
  const [resources, tenantRows] = await Promise.all([
    kinds.length > 0 ? api().resources.search.query({ search: query }) : { rows: [] },
    tenants ? api().tenants.list.query({ search: query, limit: RESULTS }) : { rows: [] },
  ])
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  return [
    {
      heading: 'Resources',
      items: resources.rows.flatMap((row) => {
        const kind = kinds.find((one) => one.kind === row.kind)
        return kind
          ? [
              {
                id: row.id,
                label: row.name,
                hint: kind.label,
                href: `${kind.href}/${row.id}`,
                icon: <KindIcon icon={kind.icon} />,
              },
            ]
          : []
      }),
    },
    {
      heading: 'Tenants',
      items: tenantRows.rows.map((row) => ({
        id: row.id,
        label: row.name,
        hint: row.slug,
        href: paths.tenant(row.id),
      })),
    },
  ].filter(({ items }) => items.length > 0)
}

/** The prefix is known from any link of the navigation, on the server too. */
const pathsOf = (pages: Props['pages']) => {
  const home = pages.find(({ label }) => label === 'Home')?.href ?? '/'
  return consolePaths((home === '/' ? '' : home) as TenantPrefix)
}
