import { inDays, SOURCE } from '@/app/(console)/_components/licence-words'
import type { MultiTenancy } from '@/server/features/settings/settings.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { formatDate } from '@/ui/format-time'
import { Meter } from '@/ui/progress'

const WARN_DAYS = 7

/** What the licence covers, what of it is used, and when it ends. */
export function LicenceCard({ state: { licence, hostsUsed }, href }: { state: MultiTenancy; href: string }) {
  const actions = (
    <ButtonLink size="sm" href={href}>
      Plans &amp; Activation
    </ButtonLink>
  )
  if (!licence) {
    return (
      <Card title="Licence" actions={actions}>
        <Alert tone="warning" title="There is no licence">
          Without one there is only the master tenant. It always works.
        </Alert>
      </Card>
    )
  }
  const { source, capabilities, hostLimit, expiresAt, expired, renews, daysLeft } = licence
  return (
    <Card title="Licence" actions={actions}>
      <div className="grid gap-4">
        {expired && (
          <Alert tone="danger" title={`It ended on ${formatDate(Date.parse(expiresAt))}`}>
            Everything stays readable, and people can sign in. Creating and enabling tenants waits for a
            licence.
          </Alert>
        )}
        {!expired && !renews && daysLeft <= WARN_DAYS && (
          <Alert tone="warning" title={`It ends ${inDays(daysLeft)}`}>
            Afterwards everything stays readable, but nothing new can be created or enabled.
          </Alert>
        )}
        <DescriptionList
          items={[
            { label: 'Kind', value: SOURCE[source] },
            {
              label: 'Covers',
              value: (
                <span className="flex flex-wrap gap-1.5">
                  {capabilities.length === 0
                    ? 'Nothing'
                    : capabilities.map((name) => (
                        <Badge key={name} mono>
                          {name}
                        </Badge>
                      ))}
                </span>
              ),
            },
            {
              label: expired ? 'Ended' : 'Ends',
              value: renews
                ? 'Goes on by subscription'
                : `${formatDate(Date.parse(expiresAt))}${expired ? '' : `, ${inDays(daysLeft)}`}`,
            },
            {
              label: 'Hosts',
              value:
                hostLimit === null
                  ? `${hostsUsed.toLocaleString('en')}, without limit`
                  : `at most ${hostLimit.toLocaleString('en')}`,
            },
          ]}
        />
        {hostLimit !== null && (
          <Meter
            label="Hosts over all tenants"
            value={hostsUsed}
            max={hostLimit}
            text={`${hostsUsed.toLocaleString('en')} of ${hostLimit.toLocaleString('en')}`}
          />
        )}
      </div>
    </Card>
  )
}
