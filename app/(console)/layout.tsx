import type { ReactNode } from 'react'
import { caller } from '@/app/_lib/caller'
import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { ConsoleSearch, type SearchKind } from '@/app/(console)/_components/console-search'
import { ImpersonationBanner } from '@/app/(console)/_components/impersonation/impersonation-banner'
import { navigationOf } from '@/app/(console)/_components/navigation'
import { TenantSwitcher } from '@/app/(console)/_components/tenant-switcher'
import { UserMenu } from '@/app/(console)/_components/user-menu'
import { MASTER_TENANT_ID } from '@/lib/master'
import { consolePaths, type ConsolePaths } from '@/lib/paths'
import { SECTIONS } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { effectiveRights } from '@/server/authz/rights'
import { can, type Impersonator, type OpContext, type SignedInOp } from '@/server/context/op'
import { mayMake } from '@/server/features/resources/resources.policy'
import { ButtonLink } from '@/ui/button'
import { Banner } from '@/ui/alert'
import { Shell } from '@/ui/shell'
import { ThemeToggle } from '@/ui/theme-toggle'

const DAY_MS = 86_400_000
const WARN_DAYS = 7

/** The one console of every tenant. It authorises nothing: each page does, and its procedures again. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const op = await currentOp()
  if (!isSignedIn(op)) return children
  const paths = consolePaths(prefixOf(op))
  const { tenant, actor } = op
  const manages = tenant.isMaster && can(op, 'tenants', 'read') && op.gate.state !== 'off'
  const { several } = await caller(op).switching.several()
  const nav = navigationOf(op, paths, several)
  const pages = nav.flatMap(({ label, items }) =>
    items.map((item) => ({ label: item.label, href: item.href, hint: label ?? '' })),
  )
  return (
    <Shell
      homeHref={paths.home}
      nav={nav}
      banner={<TopBanner op={op} paths={paths} />}
      switcher={
        <TenantSwitcher
          tenant={{ id: tenant.id, name: tenant.name, icon: tenant.icon }}
          prefix={prefixOf(op)}
          several={several}
          manages={manages}
          createHref={several || manages ? createHref(op, paths) : null}
        />
      }
      search={
        <ConsoleSearch
          pages={pages}
          kinds={kindsForSearch(op, paths)}
          tenants={manages}
          roles={
            can(op, 'roles', 'read') ? { newHref: can(op, 'roles', 'full') ? paths.newRole : null } : null
          }
        />
      }
      actions={<ThemeToggle />}
      userMenu={
        <UserMenu
          name={actor.displayName}
          detail={actor.email || actor.username}
          impersonator={op.impersonator && { name: op.impersonator.displayName, from: op.impersonator.from }}
        />
      }
    >
      {children}
    </Shell>
  )
}

/** Where this person makes a tenant: in the master, or over there for who is of parent level; null: they may not. */
function createHref(op: SignedInOp, paths: ConsolePaths): string | null {
  if (op.gate.state === 'off') return null
  if (op.tenant.isMaster) return can(op, 'tenants', 'full') ? paths.newTenant : null
  // Their roles are the master's, which no cap cuts.
  const there = effectiveRights(op.actor.roles, null)
  if (!op.actor.parentLevel || !can({ rights: there }, 'tenants', 'full')) return null
  return paths.switchTo(MASTER_TENANT_ID, consolePaths('').newTenant)
}

/** The kinds that this person may look at, for the palette: where they are, and whether one may be made. */
const kindsForSearch = (op: SignedInOp, paths: ConsolePaths): SearchKind[] =>
  KINDS.filter(({ permission }) => can(op, permission, 'read')).map((kind) => ({
    kind: kind.kind,
    label: kind.label,
    plural: kind.plural,
    icon: kind.icon,
    section: SECTIONS[kind.section],
    href: paths.kind(kind),
    newHref: mayMake(op, kind.kind).allowed ? paths.newResource(kind) : null,
  }))

function isSignedIn(op: OpContext): op is SignedInOp {
  return op.actor !== null && op.session !== null && op.tenant !== null
}

/** One line at most: who one is here matters more than what ends some day. */
function TopBanner({ op, paths }: { op: SignedInOp; paths: ConsolePaths }) {
  if (op.impersonator) return <ActingBanner op={op} who={op.impersonator} />
  if (!op.session.breakGlass) return <LicenceBanner op={op} />
  const lists = can(op, 'identity', 'read') && (
    <ButtonLink size="sm" href={paths.settingsSecurity}>
      Allowed addresses
    </ButtonLink>
  )
  return (
    <Banner tone="danger" action={lists}>
      Emergency access: this session works from any address. Whoever administers {op.tenant.name} was told.
      Sign out when you are done.
    </Banner>
  )
}

const ActingBanner = ({ op, who }: { op: SignedInOp; who: Impersonator }) => (
  <ImpersonationBanner
    who={who.displayName}
    as={op.actor.displayName}
    tenant={op.tenant.name}
    reason={who.reason}
    readOnly={who.readOnly}
    endsAt={who.endsAt}
    from={who.from}
  />
)

/** Tells those who can act on it that the licence ends, and what that will mean. */
function LicenceBanner({ op }: { op: SignedInOp }) {
  const { licence, state } = op.gate
  if (
    !op.tenant.isMaster ||
    !can(op, 'settings', 'read') ||
    !licence ||
    state === 'off' ||
    state === 'unlicensed'
  )
    return null
  const days = Math.ceil((Date.parse(licence.expiresAt) - Date.now()) / DAY_MS)
  const ended = state === 'expired'
  if (!ended && (licence.renews || days > WARN_DAYS)) return null
  const what = licence.source === 'trial' ? 'trial' : 'licence'
  return (
    <Banner
      tone="warning"
      action={
        <ButtonLink size="sm" href={consolePaths('').settingsPlans}>
          See the licence
        </ButtonLink>
      }
    >
      {ended
        ? `Your ${what} of multi-tenancy has ended. Everything stays readable; creating and enabling tenants waits for a licence.`
        : `Your ${what} of multi-tenancy ends in ${days === 1 ? '1 day' : `${days} days`}.`}
    </Banner>
  )
}
