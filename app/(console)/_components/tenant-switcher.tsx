'use client'

import { ChevronsUpDown, Layers, Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { consolePaths, type ConsolePaths } from '@/lib/paths'
import type { TenantPrefix } from '@/lib/host'
import type { MyTenant } from '@/server/features/switching/switching.schema'
import { ButtonLink } from '@/ui/button'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  tenant: { id: string; name: string; icon: string }
  prefix: TenantPrefix
  /** Has more tenants than this one. */
  several: boolean
  /** May open the pages of subtenants. */
  manages: boolean
  /** Where a tenant is made; null: they may not. */
  createHref: string | null
}

const SHOWN = 20
const RECENT = 5
const MANAGED = 8

/** Whose console this is; for who has several tenants the way over to each, for who manages tenants the way to their pages. */
export function TenantSwitcher({ tenant, prefix, several, manages, createHref }: Props) {
  const router = useRouter()
  const [more, setMore] = useState('')
  const paths = consolePaths(prefix)
  const name = (
    <>
      <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
      <span className="max-w-40 truncate text-sm font-medium sm:max-w-64">{tenant.name}</span>
    </>
  )
  if (!several && !manages) return <span className="flex min-w-0 items-center gap-2 px-1">{name}</span>
  const search = async (q: string): Promise<PickerOption[]> => {
    const [mine, managed] = await Promise.all([
      several ? api().switching.list.query({ search: q, limit: SHOWN }) : null,
      // Who can go over to their tenants needs the pages about them less often: they come with a search.
      manages && (q !== '' || !several) ? managedOnes(q, paths) : [],
    ])
    const left = (mine?.total ?? 0) - (mine?.rows.length ?? 0)
    setMore(
      left > 0 ? `${left.toLocaleString('en')}${mine?.totalCapped ? '+' : ''} more: search for one` : '',
    )
    return [...ownOnes(mine?.rows ?? [], q, paths), ...managed]
  }
  return (
    <Picker
      label="Tenants"
      value={tenant.id}
      search={search}
      onChange={({ href }) => href && (isOwn(href, paths) ? window.location.assign(href) : router.push(href))}
      trigger={
        <button
          type="button"
          title={several ? 'Switch tenant' : 'Tenants'}
          className="flex h-8 min-w-0 items-center gap-2 rounded-md px-1.5 hover:bg-hover pointer-coarse:h-10"
        >
          {name}
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
      footer={
        (several || createHref) && (
          <div className="grid gap-1">
            {more && <p className="px-2 pt-1 text-xs text-muted">{more}</p>}
            <div className="flex flex-wrap gap-1">
              {several && (
                <ButtonLink href={paths.allTenants} variant="ghost" size="sm">
                  <Layers aria-hidden className="size-4" /> All my tenants
                </ButtonLink>
              )}
              {createHref && (
                <ButtonLink href={createHref} variant="ghost" size="sm">
                  <Plus aria-hidden className="size-4" /> Create tenant
                </ButtonLink>
              )}
            </div>
          </div>
        )
      }
    />
  )
}

const isOwn = (href: string, paths: ConsolePaths) => href.startsWith(paths.switchTo(''))

function ownOnes(rows: readonly MyTenant[], q: string, paths: ConsolePaths): PickerOption[] {
  const recent = rows.filter(({ lastAt }) => lastAt !== null).slice(0, RECENT)
  return rows.map((row) => ({
    value: row.id,
    label: row.name,
    hint: [row.isMaster ? 'master' : row.slug, row.home && 'home'].filter(Boolean).join(' · '),
    icon: <TenantMark name={row.name} icon={row.icon} seed={row.id} size="sm" />,
    group: q !== '' ? 'Switch to' : recent.includes(row) ? 'Recent' : 'Your tenants',
    href: row.current ? paths.home : paths.switchTo(row.id),
  }))
}

/** Tenants whose pages the person may open in the master's console; theirs to enter or not. */
async function managedOnes(q: string, paths: ConsolePaths): Promise<PickerOption[]> {
  const { rows } = await api().tenants.list.query({ search: q, limit: MANAGED })
  return rows.map((row) => ({
    value: `manage ${row.id}`,
    label: row.name,
    hint: row.slug,
    icon: <TenantMark name={row.name} icon={row.icon} seed={row.id} size="sm" />,
    group: 'Manage from the master tenant',
    href: paths.tenant(row.id),
  }))
}
