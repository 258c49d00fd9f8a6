import { fieldValue, isMono } from '@/app/(console)/_components/resources/field-value'
import { RefLinks } from '@/app/(console)/_components/resources/ref-links'
import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { ResourceKind } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Card } from '@/ui/card'
import { DescriptionList, type Fact } from '@/ui/description-list'
import { TextLink } from '@/ui/text-link'

interface Props {
  kind: ResourceKind
  resource: ResourceDetail
  paths: ConsolePaths
  /** Instead of the kind's name. */
  title?: string
}

/** A resource's own fields, what it refers to and where it stands. */
export function FieldsCard({ kind, resource, paths, title = kind.label }: Props) {
  const isOwn = resource.relation === 'owner'
  const own = Object.entries(kind.fields).map(([name, field]): Fact => {
    if (field.type === 'ref') {
      const refs = resource.refs[name] ?? []
      const value = refs.length > 0 && <RefLinks refs={refs} paths={paths} isOwn={isOwn} />
      return { label: field.label, value: value || null }
    }
    const value = resource.spec[name]
    return {
      label: field.label,
      value: fieldValue(field, value),
      mono: isMono(field),
      copy: isMono(field) && typeof value === 'string' ? value : null,
    }
  })
  const cloud = kindOf('cloud')
  const place: (Fact | false)[] = [
    kind.inCloud && {
      label: 'Cloud',
      value: resource.cloud && cloud && (
        <TextLink href={paths.resource(cloud, resource.cloud.id)}>{resource.cloud.name}</TextLink>
      ),
    },
    kind.parent !== undefined && {
      label: kind.parent.label,
      value: resource.parent && <RefLinks refs={[resource.parent]} paths={paths} isOwn={isOwn} />,
    },
  ]
  return (
    <Card title={title}>
      <DescriptionList items={[...own, ...place.filter((fact) => fact !== false)]} />
    </Card>
  )
}
