import { Server } from 'lucide-react'
import { RemoveCloudButton } from '@/app/(console)/infrastructure/clouds/_components/remove-cloud'
import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { CloudOverview } from '@/server/features/clouds/clouds.schema'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { TextLink } from '@/ui/text-link'

interface Props {
  cloud: { id: string; name: string }
  overview: CloudOverview
  paths: ConsolePaths
  /** Whether the person may make machines in it. */
  makes: boolean
}

const LEVELS = {
  read: 'Look only: nothing is placed in it, nothing in it is used',
  full: 'Use it and place things in it',
}

/** On a cloud's page: what stands in it, how a subtenant has it, and to whom the master offers it. */
export function CloudCard({ cloud, overview, paths, makes }: Props) {
  const { counts, added, offer } = overview
  return (
    <>
      <Card
        title="In this cloud"
        padded={counts.length === 0}
        actions={
          makes && (
            <ButtonLink size="sm" href={paths.createMachineIn(cloud.id)} icon={<Server aria-hidden />}>
              Create machine
            </ButtonLink>
          )
        }
      >
        {counts.length === 0 ? (
          <p className="text-sm text-muted">Nothing that you see stands in it.</p>
        ) : (
          <ul>
            {counts.map(({ kind, label, count }) => {
              const descriptor = kindOf(kind)
              return (
                <li
                  key={kind}
                  className="flex min-h-9 items-center justify-between border-b border-line px-4 py-1.5 text-sm last:border-b-0"
                >
                  {descriptor ? (
                    <TextLink href={`${paths.kind(descriptor)}?cloud=${cloud.id}`}>{label}</TextLink>
                  ) : (
                    label
                  )}
                  <span className="tabular-nums text-muted">{count.toLocaleString('en')}</span>
                </li>
              )
            })}
          </ul>
        )}
      </Card>
      {added && (
        <Card
          title="Added from your provider"
          actions={
            <RemoveCloudButton
              cloud={cloud}
              may={added.remove}
              listHref={paths.kind({ section: 'infrastructure', slug: 'clouds' })}
            />
          }
        >
          <DescriptionList
            items={[
              { label: 'You may', value: LEVELS[added.level] },
              {
                label: 'Group',
                value: added.group ? (
                  <TextLink href={paths.group(added.group.id)}>{added.group.name}</TextLink>
                ) : (
                  'None'
                ),
              },
            ]}
          />
        </Card>
      )}
      {offer && <OfferCard offer={offer} />}
    </>
  )
}

function OfferCard({ offer }: { offer: NonNullable<CloudOverview['offer']> }) {
  return (
    <Card title="Offer to tenants">
      <DescriptionList
        items={[
          {
            label: 'Offered',
            value: offer.public
              ? 'Yes, to tenants whose tenant role grants it'
              : 'No: it is private. Make it public to offer it.',
          },
          {
            label: 'Granted by',
            value:
              offer.roles.length === 0 ? (
                'No tenant role'
              ) : (
                <span className="flex flex-wrap gap-1.5">
                  {offer.roles.map(({ id, name, level }) => (
                    <Badge key={id}>
                      {name}: {level}
                    </Badge>
                  ))}
                </span>
              ),
          },
          {
            label: 'Added by',
            value: offer.tenants === 1 ? '1 tenant' : `${offer.tenants.toLocaleString('en')} tenants`,
          },
        ]}
      />
    </Card>
  )
}
