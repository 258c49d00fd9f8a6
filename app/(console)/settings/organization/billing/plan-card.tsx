import { hostsText, SOURCE } from '@/app/(console)/_components/licence-words'
import type { ConsolePaths } from '@/lib/paths'
import type { OwnUsage } from '@/server/features/usage/usage.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { Card, Stat } from '@/ui/card'
import { DescriptionList, type Fact } from '@/ui/description-list'
import { formatDate } from '@/ui/format-time'
import { Meter } from '@/ui/progress'

const n = (value: number) => value.toLocaleString('en')

const STATES = {
  current: { tone: 'success', label: 'Current' },
  ended: { tone: 'danger', label: 'Ended' },
  none: { tone: 'neutral', label: 'No licence' },
} as const
const STATUS = {
  active: { tone: 'success', label: 'Active' },
  disabled: { tone: 'warning', label: 'Disabled' },
  deleted: { tone: 'danger', label: 'Deleted' },
} as const

/** What is wrong with the plan, and what it keeps from being done. @param plansHref the provider's own page of its licence, if the person may see it */
export function PlanAlerts({ usage, plansHref }: { usage: OwnUsage; plansHref: string | undefined }) {
  const { plan, slice, level, hosts: used } = usage
  const to = plansHref && (
    <ButtonLink size="sm" href={plansHref}>
      Plans & Activation
    </ButtonLink>
  )
  return (
    <>
      {plan.state === 'ended' && (
        <Alert
          tone="danger"
          title={
            plan.provider === null ? 'The licence has ended' : `The licence of ${plan.provider} has ended`
          }
          action={to}
        >
          {plan.provider === null
            ? 'Tenants cannot be created or enabled, and enrol no new hosts, until it is renewed. Nothing is lost: reading, signing in and deleting go on.'
            : `New hosts cannot be enrolled until ${plan.provider} renews it. Nothing is lost: what is there stays, and goes on.`}
        </Alert>
      )}
      {slice !== null && level > 0 && (
        <Alert
          tone={level === 100 ? 'danger' : 'warning'}
          title={level === 100 ? 'No more hosts can be added' : 'The hosts you may have are nearly used up'}
        >
          {level === 100
            ? `You may have ${hostsText(slice)}; ${n(used)} ${used === 1 ? 'is' : 'are'} there. New ones are refused; what is there stays.`
            : `There is room for ${hostsText(slice - used)} more.`}
        </Alert>
      )}
    </>
  )
}

/** The tenant's plan, as its provider's licence gives it. */
export function PlanCard({
  usage,
  paths,
  mayManage,
}: {
  usage: OwnUsage
  paths: ConsolePaths
  mayManage: boolean
}) {
  return (
    <Card
      title="Plan"
      actions={
        mayManage && (
          <ButtonLink size="sm" href={paths.settingsPlans}>
            Plans & Activation
          </ButtonLink>
        )
      }
    >
      <DescriptionList columns={2} items={factsOf(usage)} />
    </Card>
  )
}

function factsOf({ plan: { provider, state, licence }, status, currency }: OwnUsage): Fact[] {
  const name = licence === null ? 'No licence yet' : SOURCE[licence.source]
  return [
    { label: 'Plan', value: provider === null ? name : `Provided by ${provider}` },
    { label: 'Licence', value: <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge> },
    ...(licence
      ? [
          {
            label: state === 'ended' ? 'Ended' : 'Ends',
            value: licence.renews ? 'Goes on by subscription' : formatDate(Date.parse(licence.expiresAt)),
          },
          {
            label: 'Covers',
            value: hostsText(licence.hostLimit),
          },
        ]
      : []),
    { label: 'This tenant', value: <Badge tone={STATUS[status].tone}>{STATUS[status].label}</Badge> },
    { label: 'Currency', value: currency },
  ]
}

/** What the tenant has now, and how many hosts it may have. */
export function HoldingsCards({ usage }: { usage: OwnUsage }) {
  const { hosts: used, slice, users, machines, clouds } = usage
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Stat
          label="Hosts"
          value={n(used)}
          detail={slice === null ? 'No limit of its own' : `Of ${n(slice)}`}
        />
        <Stat label="Users" value={n(users)} />
        <Stat label="Virtual machines" value={n(machines)} />
        <Stat label="Clouds" value={n(clouds)} />
      </div>
      {slice !== null && (
        <Card>
          <Meter
            label="Hosts"
            value={used}
            max={slice}
            text={`${n(used)} of ${hostsText(slice)}`}
            dangerAt={1}
          />
        </Card>
      )}
    </div>
  )
}
