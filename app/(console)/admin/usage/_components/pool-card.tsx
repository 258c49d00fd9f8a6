import type { ConsolePaths } from '@/lib/paths'
import type { PoolView } from '@/server/features/usage/usage.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Card, Stat } from '@/ui/card'
import { Meter } from '@/ui/progress'

const n = (value: number) => value.toLocaleString('en')
const hosts = (value: number) => `${n(value)} ${value === 1 ? 'host' : 'hosts'}`

/** What of the licence's hosts is used, and what is promised. @param plansHref unset: the person may not see the licence */
export function PoolCard({
  pool,
  plansHref,
}: {
  pool: PoolView
  plansHref: ConsolePaths['settingsPlans'] | undefined
}) {
  const { used, limit, level, slices } = pool
  return (
    <div className="grid gap-4">
      {limit !== null && level > 0 && (
        <Alert
          tone={level === 100 ? 'danger' : 'warning'}
          title={level === 100 ? 'No more hosts can be added' : 'The host licence fills up'}
          action={
            plansHref && (
              <ButtonLink size="sm" href={plansHref}>
                Plans & Activation
              </ButtonLink>
            )
          }
        >
          {level === 100
            ? `The licence covers ${hosts(limit)}; ${n(used)} ${used === 1 ? 'is' : 'are'} there. Nothing is lost; new hosts are refused until some are removed or the licence is larger.`
            : `There is room for ${hosts(limit - used)} more.`}
        </Alert>
      )}
      <div className="grid gap-3 sm:grid-cols-3">
        <Stat label="Hosts used" value={n(used)} detail="Over all tenants, deleted ones left out" />
        <Stat
          label="The licence covers"
          value={limit === null ? 'Any number' : n(limit)}
          detail={roomOf(pool)}
        />
        <Stat label="Promised in slices" value={n(slices.hosts)} detail={promiseOf(pool)} />
      </div>
      {limit !== null && (
        <Card>
          <Meter
            label="The pool of hosts"
            value={used}
            max={limit}
            text={`${n(used)} of ${hosts(limit)}`}
            dangerAt={1}
          />
        </Card>
      )}
    </div>
  )
}

function roomOf({ limit, used }: PoolView): string | undefined {
  if (limit === null) return undefined
  return used > limit ? `${hosts(used - limit)} more than it covers` : `Room for ${hosts(limit - used)}`
}

function promiseOf({ slices, limit }: PoolView): string {
  if (slices.tenants === 0) return 'No tenant has a slice: first come, first served'
  const to = `To ${n(slices.tenants)} ${slices.tenants === 1 ? 'tenant' : 'tenants'}`
  return limit !== null && slices.hosts > limit
    ? `${to}: ${hosts(slices.hosts - limit)} more than the licence covers`
    : to
}
