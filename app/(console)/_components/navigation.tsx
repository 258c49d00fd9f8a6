import { Boxes, Building2, House, ScrollText, Server, Settings2, UsersRound } from 'lucide-react'
import type { ConsolePaths } from '@/lib/paths'
import { can, type SignedInOp } from '@/server/context/op'
import type { NavGroup, NavItem } from '@/ui/sidebar-nav'

/** The sidebar, from what the person may do here: a page that would refuse is not offered. */
export function navigationOf(op: SignedInOp, paths: ConsolePaths): NavGroup[] {
  const groups: { label?: string; items: (NavItem | false)[] }[] = [
    { items: [{ label: 'Home', href: paths.home, icon: <House aria-hidden /> }] },
    {
      label: 'Infrastructure',
      items: [
        can(op, 'hosts', 'read') && { label: 'Hosts', href: paths.hosts, icon: <Server aria-hidden /> },
      ],
    },
    {
      label: 'Administration',
      items: op.tenant.isMaster
        ? [
            can(op, 'tenants', 'read') && {
              label: 'Tenants',
              href: paths.tenants,
              icon: <Building2 aria-hidden />,
            },
            can(op, 'audit', 'read') && {
              label: 'All audit logs',
              href: paths.allAudit,
              icon: <Boxes aria-hidden />,
            },
          ]
        : [],
    },
    {
      label: op.tenant.isMaster ? 'This tenant' : 'Tenant',
      items: [
        can(op, 'users', 'read') && {
          label: 'Users',
          href: paths.settingsUsers,
          icon: <UsersRound aria-hidden />,
        },
        can(op, 'audit', 'read') && {
          label: 'Audit log',
          href: paths.audit,
          icon: <ScrollText aria-hidden />,
        },
      ],
    },
    {
      label: 'Settings',
      items: [
        op.tenant.isMaster &&
          can(op, 'settings', 'read') && {
            label: 'Multi-tenancy',
            href: paths.settingsTenants,
            icon: <Settings2 aria-hidden />,
          },
      ],
    },
  ]
  return groups
    .map(({ label, items }) => ({ label, items: items.filter((item): item is NavItem => item !== false) }))
    .filter(({ items }) => items.length > 0)
}
