import { Check } from 'lucide-react'
import { CAPABILITIES, capabilityLabel, type Capability } from '@/lib/capabilities'
import { BuyForm } from '@/app/(console)/settings/plans/buy-form'
import type { Billing } from '@/server/features/billing/billing.schema'
import type { Licences } from '@/server/features/licence/licence.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'

/** What there is to have, with what holds now marked. */
export function PlanCards({ state, billing }: { state: Licences; billing: Billing }) {
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {state.plans.map((plan) => (
        <Card
          key={plan.key}
          title={plan.name}
          description={plan.tagline}
          actions={plan.key === state.now.plan && <Badge tone="success">Current</Badge>}
        >
          <div className="grid gap-4">
            <ul className="grid gap-2">
              {offers(plan).map((offer) => (
                <li key={offer} className="flex gap-2">
                  <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-success-ink" />
                  <span>{offer}</span>
                </li>
              ))}
            </ul>
            {billing.configured && !billing.subscription && (
              <BuyForm billing={billing} plan={plan.key} hostsUsed={state.now.hostsUsed} />
            )}
          </div>
        </Card>
      ))}
    </div>
  )
}

function offers({ key, capabilities, hosts, perHost }: Licences['plans'][number]): string[] {
  const base =
    key === 'community'
      ? ['Clouds, hosts and machines of the master tenant', 'Users, roles, groups and the audit log']
      : ['Everything in Community']
  return [
    ...base,
    ...capabilities.map((name) =>
      Object.hasOwn(CAPABILITIES, name) ? CAPABILITIES[name as Capability].offer : capabilityLabel(name),
    ),
    perHost
      ? 'Hosts by number, spread over tenants as you like'
      : hosts === null
        ? 'Any number of hosts'
        : `${hosts.toLocaleString('en')} hosts`,
  ]
}
