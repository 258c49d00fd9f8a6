'use client'

import { AccessRuleCard, EntryList } from '@/app/(console)/_components/roles/access-rule'
import type { AccessState } from '@/app/(console)/_components/roles/access-state'
import { choicesIn } from '@/app/(console)/_components/roles/choices'
import { ClaimsCard } from '@/app/(console)/_components/roles/claims-card'
import { Card } from '@/ui/card'

interface Props {
  access: AccessState
  onChange: (access: AccessState) => void
  locked: boolean
  /** For every subtenant: names no groups, which are a tenant's own. */
  template: boolean
  /** The subtenant, where its provider edits its roles. */
  tenantId?: string
}

/** How far a role reaches, beside its levels. */
export function AccessSections({ access, onChange, locked, template, tenantId }: Props) {
  const choices = choicesIn(tenantId)
  const put = (part: Partial<AccessState>) => onChange({ ...access, ...part })
  return (
    <div className="grid gap-4">
      <div>
        <h2 className="text-base font-semibold">How far it reaches</h2>
        <p className="text-xs text-muted">
          Cuts what the levels above give, and adds to it where it says so.
        </p>
      </div>
      <AccessRuleCard
        title="Group access"
        description="Which groups the level Groups reaches: read sees what is in them, full changes it."
        label="Group"
        others="All other groups"
        rule={access.groups}
        onChange={(groups) => put({ groups })}
        search={template ? null : choices.group}
        locked={locked}
      />
      <AccessRuleCard
        title="Cloud access"
        description="Cuts what this role gives inside a cloud, and on the cloud itself."
        label="Cloud"
        others="All other clouds"
        rule={access.clouds}
        onChange={(clouds) => put({ clouds })}
        search={choices.cloud}
        locked={locked}
      />
      <AccessRuleCard
        title="Instance type access"
        description="Cuts what this role gives on instance types."
        label="Instance type"
        others="All other instance types"
        rule={access.instanceTypes}
        onChange={(instanceTypes) => put({ instanceTypes })}
        search={choices.instanceType}
        locked={locked}
      />
      <Card
        title="Single resources"
        description="Beats everything above for one thing, also where it allows less."
        padded={false}
      >
        {access.resources.length === 0 && (
          <p className="px-4 pt-3 text-sm text-muted">None: the levels decide for everything.</p>
        )}
        <EntryList
          label="Resource"
          entries={access.resources}
          onChange={(resources) => put({ resources })}
          search={choices.resource}
          locked={locked}
        />
      </Card>
      <ClaimsCard
        claims={access.claims}
        onChange={(claims) => put({ claims })}
        search={choices.resource}
        locked={locked}
      />
    </div>
  )
}
