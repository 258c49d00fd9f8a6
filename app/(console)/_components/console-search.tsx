'use client'

import { Plus, ShieldCheck, ShieldHalf } from 'lucide-react'
import { api, clientPrefix } from '@/app/_lib/api-client'
import { KindIcon } from '@/app/(console)/_components/kind-icon'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths, type ConsolePaths } from '@/lib/paths'
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

/** What else the person may look for, beside resources. */
interface Others {
  /** Tenants, and their roles. */
  tenants: boolean
  /** Roles; null: they may not see them. */
  roles: { newHref: string | null } | null
}

interface Props extends Others {
  pages: { label: string; href: string; hint: string }[]
  kinds: readonly SearchKind[]
}

/** ⌘K: pages, what can be made, then what the server finds under the person's own rights. */
export function ConsoleSearch({ pages, kinds, ...others }: Props) {
  const finds = kinds.length > 0 || others.tenants || others.roles !== null
  return (
    <CommandMenu
      groups={fixedGroups(pages, kinds, others)}
      search={finds ? (query) => find(query, kinds, others) : undefined}
    />
  )
}

function fixedGroups(pages: Props['pages'], kinds: readonly SearchKind[], { roles }: Others): CommandGroup[] {
  const made = kinds.flatMap(({ kind, label, newHref }) =>
    newHref === null ? [] : [{ kind, label, newHref }],
  )
  if (roles?.newHref) made.push({ kind: 'role', label: 'Role', newHref: roles.newHref })
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
      items: made.map(({ kind, label, newHref }) => ({
        id: `new:${kind}`,
        label: `Create ${label.toLowerCase()}`,
        href: newHref,
        icon: <Plus aria-hidden />,
      })),
    },
    { heading: 'Account', items: [{ id: 'account', label: 'Account', href: pathsOf(pages).account }] },
  ]
}

async function find(
  query: string,
  kinds: readonly SearchKind[],
  { tenants, roles }: Others,
): Promise<CommandGroup[]> {
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  const groups = await Promise.all([
    kinds.length > 0 && findResources(query, kinds),
    roles && findRoles(query, paths),
    tenants && findTenants(query, paths),
    tenants && findCaps(query, paths),
  ])
  return groups.filter((group) => group !== null && group !== false).filter(({ items }) => items.length > 0)
}

async function findResources(query: string, kinds: readonly SearchKind[]): Promise<CommandGroup> {
  const { rows } = await api().resources.search.query({ search: query })
  const items = rows.flatMap(({ id, kind, name }) => {
    const of = kinds.find((one) => one.kind === kind)
    if (!of) return []
    const icon = <KindIcon icon={of.icon} />
    return [{ id, label: name, hint: of.label, href: `${of.href}/${id}`, icon }]
  })
  return { heading: 'Resources', items }
}

async function findRoles(query: string, paths: ConsolePaths): Promise<CommandGroup> {
  const { rows } = await api().roles.search.query({ search: query })
  const items = rows.map(({ id, name, multiTenant }) => ({
    id,
    label: name,
    hint: multiTenant ? 'Multi-tenant role' : 'Role',
    href: paths.role(id),
    icon: <ShieldCheck aria-hidden />,
  }))
  return { heading: 'Roles', items }
}

async function findTenants(query: string, paths: ConsolePaths): Promise<CommandGroup> {
  const { rows } = await api().tenants.list.query({ search: query, limit: RESULTS })
  const items = rows.map(({ id, name, slug }) => ({ id, label: name, hint: slug, href: paths.tenant(id) }))
  return { heading: 'Tenants', items }
}

/** There are few of them, and they come by name. */
async function findCaps(query: string, paths: ConsolePaths): Promise<CommandGroup> {
  const text = query.trim().toLowerCase()
  const fit = (await api().tenantRoles.options.query()).filter(({ name }) =>
    name.toLowerCase().includes(text),
  )
  const items = fit.slice(0, RESULTS).map(({ id, name }) => ({
    id,
    label: name,
    hint: 'Tenant role',
    href: paths.cap(id),
    icon: <ShieldHalf aria-hidden />,
  }))
  return { heading: 'Tenant roles', items }
}

/** The prefix is known from any link of the navigation, on the server too. */
const pathsOf = (pages: Props['pages']) => {
  const home = pages.find(({ label }) => label === 'Home')?.href ?? '/'
  return consolePaths((home === '/' ? '' : home) as TenantPrefix)
}
