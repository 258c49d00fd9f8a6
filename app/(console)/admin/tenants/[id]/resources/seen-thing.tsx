import { fieldValue } from '@/app/(console)/_components/resources/field-value'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { SeeAsThing } from '@/server/features/see-as/see-as.schema'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'

const RELATION = {
  owner: 'Its own',
  assigned: 'Assigned to it: it uses it and does not change it',
  granted: 'Shared with it',
  public: 'Public: it sees it',
} as const
const VERB_WORDS = { see: 'see', act: 'use', edit: 'change', delete: 'remove' } as const

/** One thing as the tenant has it, to look at only. */
export function SeenThing({ thing, tenant }: { thing: SeeAsThing; tenant: string }) {
  const fields = Object.entries(kindOf(thing.kind)?.fields ?? {}).filter(([, field]) => field.type !== 'ref')
  return (
    <Card title={thing.name} description={`${thing.kindLabel}, as ${tenant} has it`}>
      <DescriptionList
        items={[
          ...fields.map(([name, field]) => ({
            label: field.label,
            value: fieldValue(field, thing.spec[name]),
          })),
          { label: 'Cloud', value: thing.cloudName },
          {
            label: 'Comes to it as',
            value:
              thing.grantRole && thing.relation === 'granted'
                ? `Shared as ${thing.grantRole}`
                : RELATION[thing.relation],
          },
          ...thing.could.map(({ role, verbs }) => ({
            label: `Its ${role} may`,
            value: verbs.length === 0 ? 'not see it' : verbs.map((verb) => VERB_WORDS[verb]).join(', '),
          })),
          { label: 'Id', value: thing.id, copy: thing.id, mono: true },
        ]}
      />
    </Card>
  )
}
