import { Card } from '@/ui/card'

interface Props {
  lines: readonly { role: string; what: string; access: string }[]
}

/** What roles say of groups, clouds, single things and by claims; and that nothing else narrows it. */
export function AccessLines({ lines }: Props) {
  return (
    <Card
      title="Beside the levels"
      description="Groups, clouds, instance types, single resources and claims. Nothing narrows it further: a browser session has all of its person’s rights."
      padded={false}
    >
      {lines.length === 0 ? (
        <p className="p-4 text-sm text-muted">The roles say nothing beside their levels.</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {lines.map((line) => (
            <li
              key={`${line.role} ${line.what} ${line.access}`}
              className="flex flex-wrap justify-between gap-x-4 gap-y-1 px-4 py-2"
            >
              <span>
                {line.what}: <span className="font-medium">{line.access}</span>
              </span>
              <span className="text-muted">{line.role}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
