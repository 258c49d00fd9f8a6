import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { TextLink } from '@/ui/text-link'

interface Row {
  about: { id: string; kind: string; name: string }
  unknown: string | null
}

/** What a row of a stream is about: a thing, the cloud as a whole, or what is not known here (any more) by its id in the cloud. */
export function About({ row, paths }: { row: Row; paths: ConsolePaths }) {
  const kind = kindOf(row.about.kind)
  if (row.unknown !== null)
    return (
      <span className="font-mono text-2xs text-muted" title="It is not known here, or not any more">
        {row.unknown}
      </span>
    )
  return kind ? (
    <TextLink href={paths.resource(kind, row.about.id)}>{row.about.name}</TextLink>
  ) : (
    row.about.name
  )
}

export function InCloud({
  cloud,
  paths,
}: {
  cloud: { id: string; name: string } | null
  paths: ConsolePaths
}) {
  if (cloud === null) return <span className="text-faint">–</span>
  return (
    <TextLink href={paths.resource({ section: 'infrastructure', slug: 'clouds' }, cloud.id)}>
      {cloud.name}
    </TextLink>
  )
}
