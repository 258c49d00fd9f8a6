import {
  ArchiveRestore,
  BadgeCheck,
  Boxes,
  Building2,
  ChartColumn,
  Contact,
  CreditCard,
  DoorOpen,
  Fingerprint,
  FolderTree,
  House,
  IdCard,
  Layers,
  ListChecks,
  LockKeyhole,
  Mail,
  Radio,
  ScrollText,
  Settings2,
  Share2,
  ShieldCheck,
  ShieldHalf,
  SquareActivity,
  Table2,
  UserRoundPlus,
  UsersRound,
  Waypoints,
} from 'lucide-react'
import { KindIcon } from '@/app/(console)/_components/kind-icon'
import type { ConsolePaths } from '@/lib/paths'
import { type Section, SECTIONS } from '@/lib/resource-kinds/kind'
import { kindOf, KINDS } from '@/lib/resource-kinds/registry'
import { can, type SignedInOp } from '@/server/context/op'
import type { NavGroup, NavItem } from '@/ui/sidebar-nav'

/** The sidebar, from what the person may do here: a page that would refuse is not offered. @param several whether they have more tenants than this one */
export function navigationOf(op: SignedInOp, paths: ConsolePaths, several: boolean): NavGroup[] {
  const groups: (Omit<NavGroup, 'items'> & { items: (NavItem | false)[] })[] = [
    {
      items: [
        { label: 'Home', href: paths.home, icon: <House aria-hidden /> },
        several && { label: 'All my tenants', href: paths.allTenants, icon: <Layers aria-hidden /> },
      ],
    },
    {
      label: SECTIONS.infrastructure,
      fold: 'open',
      items: [
        ...kindsOf('infrastructure', op, paths),
        can(op, 'groups', 'read') && {
          label: 'Groups',
          href: paths.groups,
          icon: <FolderTree aria-hidden />,
        },
        can(op, 'virtualMachines', 'read') && {
          label: 'Backups',
          href: paths.backups,
          icon: <ArchiveRestore aria-hidden />,
        },
      ],
    },
    {
      label: 'Activity',
      fold: 'closed',
      items: can(op, 'virtualMachines', 'read')
        ? [
            { label: 'Cloud tasks', href: paths.cloudTasks, icon: <SquareActivity aria-hidden /> },
            { label: 'Cloud events', href: paths.cloudEvents, icon: <Radio aria-hidden /> },
          ]
        : [],
    },
    { label: SECTIONS.provisioning, fold: 'closed', items: kindsOf('provisioning', op, paths) },
    {
      label: 'Administration',
      items: op.tenant.isMaster
        ? [
            can(op, 'tenants', 'read') && {
              label: 'Tenants',
              href: paths.tenants,
              icon: <Building2 aria-hidden />,
            },
            can(op, 'tenantUsers', 'read') && {
              label: 'People',
              href: paths.people,
              icon: <Contact aria-hidden />,
            },
            can(op, 'tenants', 'read') && {
              label: 'Tenant roles',
              href: paths.caps,
              icon: <ShieldHalf aria-hidden />,
            },
            can(op, 'tenants', 'read') && {
              label: 'Usage',
              href: paths.usage,
              icon: <ChartColumn aria-hidden />,
            },
            can(op, 'tenants', 'read') && {
              label: 'Access matrix',
              href: paths.matrix,
              icon: <Table2 aria-hidden />,
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
        can(op, 'branding', 'read') && {
          label: 'Organization',
          href: paths.organization,
          icon: <IdCard aria-hidden />,
        },
        can(op, 'billing', 'read') &&
          !can(op, 'branding', 'read') && {
            label: 'Billing & Plan',
            href: paths.billing,
            icon: <CreditCard aria-hidden />,
          },
        can(op, 'users', 'read') && {
          label: 'Users',
          href: paths.settingsUsers,
          icon: <UsersRound aria-hidden />,
        },
        can(op, 'users', 'read') &&
          can(op, 'roles', 'read') && {
            label: 'Explain',
            href: paths.explain,
            icon: <Waypoints aria-hidden />,
          },
        can(op, 'roles', 'read') && {
          label: 'Roles',
          href: paths.settingsRoles,
          icon: <ShieldCheck aria-hidden />,
        },
        can(op, 'sharing', 'read') &&
          (!op.tenant.isMaster || (op.gate.state !== 'off' && op.gate.state !== 'unlicensed')) && {
            label: 'Sharing',
            href: paths.sharing,
            also: [paths.sharingIncoming],
            icon: <Share2 aria-hidden />,
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
        op.tenant.isMaster &&
          can(op, 'settings', 'read') && {
            label: 'Plans & Activation',
            href: paths.settingsPlans,
            icon: <BadgeCheck aria-hidden />,
          },
        op.tenant.isMaster &&
          can(op, 'tenants', 'read') &&
          op.gate.state !== 'off' &&
          op.gate.state !== 'unlicensed' && {
            label: 'Sign-up',
            href: paths.settingsSignUp,
            icon: <UserRoundPlus aria-hidden />,
          },
        op.tenant.isMaster &&
          can(op, 'mail', 'read') && { label: 'Mail', href: paths.mail, icon: <Mail aria-hidden /> },
        !op.tenant.isMaster &&
          can(op, 'audit', 'read') && {
            label: 'Provider access',
            href: paths.providerAccess,
            icon: <DoorOpen aria-hidden />,
          },
        can(op, 'identity', 'read') && {
          label: 'Identity',
          href: paths.settingsIdentity,
          icon: <Fingerprint aria-hidden />,
        },
        can(op, 'identity', 'read') && {
          label: 'Security',
          href: paths.settingsSecurity,
          icon: <LockKeyhole aria-hidden />,
        },
        { label: 'Tasks', href: paths.tasks, icon: <ListChecks aria-hidden /> },
      ],
    },
  ]
  return groups
    .map(({ items, ...group }) => ({
      ...group,
      items: items.filter((item): item is NavItem => item !== false),
    }))
    .filter(({ items }) => items.length > 0)
}

/** Kinds that are tabs of another kind's page (seed 002: Hosts | Virtual Machines | Bare Metal), by that kind. */
const TABS: Record<string, readonly string[]> = { host: ['virtual_machine', 'bare_metal'] }
/** Entries that the menu calls by what they are about (seed 002). */
const MENU_WORDS: Record<string, string> = { datastore: 'Storage' }

/** The entries of one section: kinds that the person may read. One whose tabs alone may be read leads to the first of these. */
function kindsOf(section: Section, op: SignedInOp, paths: ConsolePaths): NavItem[] {
  const tabs = Object.values(TABS).flat()
  return KINDS.filter((kind) => kind.section === section && !tabs.includes(kind.kind)).flatMap((kind) => {
    const own = [kind, ...(TABS[kind.kind] ?? []).flatMap((one) => kindOf(one) ?? [])]
    const [first, ...also] = own.filter(({ permission }) => can(op, permission, 'read'))
    if (!first) return []
    return [
      {
        label: MENU_WORDS[first.kind] ?? first.plural,
        href: paths.kind(first),
        also: also.map((one) => paths.kind(one)),
        icon: <KindIcon icon={first.icon} />,
      },
    ]
  })
}
