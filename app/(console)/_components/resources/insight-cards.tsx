import { RefLinks } from '@/app/(console)/_components/resources/ref-links'
import type { ConsolePaths } from '@/lib/paths'
import type { Spec } from '@/lib/resource-kinds/kind'
import { formatBytes } from '@/lib/units'
import type { ResourceInsight } from '@/server/features/resources/resources.schema'
import { Alert } from '@/ui/alert'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { Meter } from '@/ui/progress'

interface Props {
  kind: string
  spec: Spec
  insight: ResourceInsight
  paths: ConsolePaths
}

/** What is wrong with a resource, or soon will be. */
export function InsightWarnings({ insight }: Pick<Props, 'insight'>) {
  return insight.warnings.map((warning) => (
    <Alert key={warning} tone="warning" className="mb-4">
      {warning}
    </Alert>
  ))
}

/** What follows from a resource and what is around it, by its kind. */
export function InsightCards({ kind, spec, insight, paths }: Props) {
  return (
    <>
      {insight.addresses && <AddressesCard addresses={insight.addresses} />}
      {kind === 'datastore' && <CapacityCard spec={spec} />}
      {insight.sums && <SumsCard spec={spec} sums={insight.sums} isLimited={kind === 'resource_pool'} />}
      {kind === 'instance_type' && <PriceCard price={insight.price} />}
      {insight.parameters && (
        <ParametersCard parameters={insight.parameters} unseen={insight.unseen} paths={paths} />
      )}
    </>
  )
}

function AddressesCard({ addresses }: { addresses: NonNullable<ResourceInsight['addresses']> }) {
  return (
    <Card title="Addresses">
      <DescriptionList
        items={[
          { label: 'Usable', value: BigInt(addresses.count).toLocaleString('en') },
          { label: 'From', value: addresses.first, mono: true, copy: addresses.first },
          { label: 'To', value: addresses.last, mono: true, copy: addresses.last },
        ]}
      />
    </Card>
  )
}

const numberOf = (value: Spec[string]): number | null => (typeof value === 'number' ? value : null)

function CapacityCard({ spec }: { spec: Spec }) {
  const [used, capacity] = [numberOf(spec.used) ?? 0, numberOf(spec.capacity) ?? 0]
  return (
    <Card title="Capacity">
      <Meter
        label="Used"
        value={used}
        max={capacity}
        text={`${formatBytes(used)} of ${formatBytes(capacity)}, ${formatBytes(Math.max(0, capacity - used))} free`}
      />
    </Card>
  )
}

function SumsCard({
  spec,
  sums,
  isLimited,
}: {
  spec: Spec
  sums: NonNullable<ResourceInsight['sums']>
  isLimited: boolean
}) {
  const rows = [
    { name: 'cores', label: 'Cores', words: (value: number) => String(value), value: sums.cores },
    { name: 'memory', label: 'Memory', words: formatBytes, value: sums.memory },
    { name: 'disk', label: 'Disk', words: formatBytes, value: sums.disk },
  ]
  const machines = sums.machines === 1 ? '1 machine' : `${sums.machines} machines`
  return (
    <Card
      title="Taken by what is in it"
      description={`${machines} that you see, also in the pools and folders inside`}
    >
      <div className="grid gap-4">
        {rows.map(({ name, label, words, value }) => {
          const limit = isLimited ? numberOf(spec[name]) : null
          return limit === null ? (
            <DescriptionList
              key={name}
              items={[{ label, value: isLimited ? `${words(value)}, no limit` : words(value) }]}
            />
          ) : (
            <Meter
              key={name}
              label={label}
              value={value}
              max={limit}
              text={`${words(value)} of ${words(limit)}`}
              warnAt={0.85}
              dangerAt={1}
            />
          )
        })}
      </div>
    </Card>
  )
}

function PriceCard({ price }: { price: ResourceInsight['price'] }) {
  return (
    <Card title="Price">
      {price ? (
        <p className="text-xl font-semibold tracking-tight tabular-nums">
          {price.amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 4 })}{' '}
          {price.currency} <span className="text-sm font-normal text-muted">per {price.unit}</span>
        </p>
      ) : (
        <p className="text-sm text-muted">It has no price yet. Choose one when you edit it.</p>
      )}
    </Card>
  )
}

/** Parameters that a machine has in the end, each with where it comes from. */
function ParametersCard({
  parameters,
  unseen,
  paths,
}: {
  parameters: NonNullable<ResourceInsight['parameters']>
  unseen: number
  paths: ConsolePaths
}) {
  return (
    <Card
      title="Effective parameters"
      description="Its own beat those of its profiles; of these the first one wins."
    >
      {parameters.length === 0 && unseen === 0 ? (
        <p className="text-sm text-muted">None. Edit it to set some, or to give it a profile.</p>
      ) : (
        <dl className="grid text-sm">
          {parameters.map(({ name, value, profile }) => (
            <div
              key={name}
              className="grid gap-x-4 gap-y-0.5 border-b border-line py-1.5 last:border-b-0 sm:grid-cols-[minmax(6.5rem,2fr)_minmax(0,3fr)_minmax(0,2fr)]"
            >
              <dt className="font-mono text-xs text-muted wrap-anywhere">{name}</dt>
              <dd className="font-mono text-xs whitespace-pre-wrap wrap-anywhere">{value}</dd>
              <dd className="text-xs text-muted">
                {profile ? (
                  <RefLinks refs={[{ ...profile, kind: 'profile' }]} paths={paths} isOwn />
                ) : (
                  'Its own'
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {unseen > 0 && (
        <p className="pt-2 text-xs text-muted">
          {unseen === 1 ? 'One more comes' : `${unseen} more come`} from profiles that you do not see.
        </p>
      )}
    </Card>
  )
}
