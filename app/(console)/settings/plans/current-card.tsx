import { capabilityLabel } from '@/lib/capabilities'
import type { Licences } from '@/server/features/licence/licence.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { formatDate, formatUtc } from '@/ui/format-time'
import { Meter } from '@/ui/progress'
import { hostsText, inDays, SOURCE } from '@/app/(console)/_components/licence-words'

const WARN_DAYS = 14

/** What holds now: the plan, what it covers, until when, and how much of it is used. */
export function CurrentCard({ state }: { state: Licences }) {
  const { now, licences } = state
  const running = licences.filter(({ status }) => status === 'running')
  const sources = [...new Set(running.map(({ source }) => SOURCE[source]))]
  return (
    <Card title="Current plan">
      <div className="grid gap-4">
        <Warnings state={state} />
        <DescriptionList
          items={[
            {
              label: 'Plan',
              value: (
                <span className="flex flex-wrap items-center gap-1.5">
                  <span className="font-medium">{now.planName}</span>
                  {sources.map((source) => (
                    <Badge key={source}>{source}</Badge>
                  ))}
                </span>
              ),
            },
            {
              label: 'Covers',
              value:
                now.capabilities.length === 0
                  ? 'The master tenant'
                  : ['The master tenant', ...now.capabilities.map(capabilityLabel)].join(', '),
            },
            { label: 'Hosts', value: hostsText(now.hosts) },
            { label: 'Ends', value: endText(now) },
          ]}
        />
        {now.hosts !== null && (
          <Meter
            label="Hosts over all tenants"
            value={now.hostsUsed}
            max={now.hosts}
            dangerAt={1}
            text={`${now.hostsUsed.toLocaleString('en')} of ${now.hosts.toLocaleString('en')}`}
          />
        )}
      </div>
    </Card>
  )
}

function Warnings({ state: { now, clockBehind } }: { state: Licences }) {
  const { daysLeft } = now
  return (
    <>
      {clockBehind && (
        <Alert tone="danger" title="The clock of this server is behind what it was">
          It was {formatUtc(Date.parse(clockBehind))} here once. Until the clock is right, licences end by
          that time and none can be activated.
        </Alert>
      )}
      {now.endedAt && (
        <Alert tone="danger" title={`The licence ended on ${formatDate(Date.parse(now.endedAt))}`}>
          Everything stays readable, people can sign in and delete. Creating and enabling tenants, and what
          needs a licence, waits for a new one.
        </Alert>
      )}
      {daysLeft !== null && !now.renews && daysLeft <= WARN_DAYS && (
        <Alert tone="warning" title={`It ends ${inDays(daysLeft)}`}>
          Afterwards everything stays readable, but nothing new can be created or enabled.
        </Alert>
      )}
      {now.hosts !== null && now.hostsUsed > now.hosts && (
        <Alert tone="warning" title="There are more hosts than the licence covers">
          All of them stay and go on reporting. New ones are refused until there are fewer, or the licence
          covers more.
        </Alert>
      )}
    </>
  )
}

const endText = ({ renews, expiresAt }: Licences['now']): string =>
  renews ? 'Goes on by subscription' : expiresAt ? formatDate(Date.parse(expiresAt)) : 'Never'
