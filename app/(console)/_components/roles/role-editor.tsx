'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useCallback, useState } from 'react'
import { clientPrefix } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import {
  accessInput,
  type AccessState,
  accessState,
  NO_ACCESS,
} from '@/app/(console)/_components/roles/access-state'
import { AccessSections } from '@/app/(console)/_components/roles/access-sections'
import { type LevelMap, PermissionMatrix } from '@/app/(console)/_components/roles/permission-matrix'
import { RoleGeneral } from '@/app/(console)/_components/roles/role-general'
import { rolesApi } from '@/app/(console)/_components/roles/roles-api'
import { SaveBar } from '@/app/(console)/_components/roles/save-bar'
import { useWhatIf } from '@/app/(console)/_components/roles/use-what-if'
import type { TenantPrefix } from '@/lib/host'
import { LANDINGS } from '@/lib/landing'
import { consolePaths } from '@/lib/paths'
import type { PreviewRole, RoleDetail, UpdateRole } from '@/server/features/roles/roles.schema'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

export interface EditorProps {
  /** What it begins with; for a new one a copy of it, or nothing at all. */
  from: Pick<RoleDetail, 'name' | 'description' | 'levels' | 'access' | 'landing'> | null
  /** Unset: a new one. */
  role?: RoleDetail
  limits: RoleDetail['limits']
  /** Of the subtenant, where the provider edits its roles. */
  tenantId?: string
  /** A template for every subtenant. */
  multiTenant?: boolean
  inMaster: boolean
}

interface Draft {
  name: string
  description: string
  landing: UpdateRole['landing']
  levels: LevelMap
  access: AccessState
}

function draftOf({ from, limits }: EditorProps): Draft {
  const none = Object.fromEntries(Object.keys(limits.capLevels).map((name) => [name, 'none'])) as LevelMap
  if (!from) return { name: '', description: '', landing: '', levels: none, access: NO_ACCESS }
  const { name, description, landing, levels, access } = from
  return { name, description, landing: landing, levels, access: accessState(access) }
}

const said = (levels: LevelMap): PreviewRole['levels'] =>
  Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none'))

/** Makes a role, or changes one: what it allows, how far it reaches, where it begins. */
export function RoleEditor(props: EditorProps) {
  const { role, limits, tenantId, inMaster, multiTenant = false } = props
  const [start, setStart] = useState(() => draftOf(props))
  const [draft, setDraft] = useState(start)
  const router = useRouter()
  const form = useSubmit('role')
  const dirty = !role || JSON.stringify(draft) !== JSON.stringify(start)
  const locked = role && !role.can.edit ? role.why.edit : undefined
  const asked =
    role && dirty && locked === undefined
      ? JSON.stringify({
          id: role.id,
          levels: said(draft.levels),
          access: accessInput(draft.access),
        } satisfies PreviewRole)
      : null
  const ask = useCallback(
    (key: string, signal: AbortSignal) => rolesApi(tenantId).preview(JSON.parse(key) as PreviewRole, signal),
    [tenantId],
  )
  const whatIf = useWhatIf(asked, ask)
  const put = (part: Partial<Draft>) => setDraft({ ...draft, ...part })

  const save = async () => {
    const { name, description, landing } = draft
    const content = {
      name: name.trim(),
      description: description.trim(),
      landing,
      levels: said(draft.levels),
      access: accessInput(draft.access),
    }
    const roles = rolesApi(tenantId)
    const saved = role
      ? await roles.update({ ...content, id: role.id, updatedAt: role.updatedAt })
      : await roles.create({ ...content, multiTenant })
    toast.success(`${saved.name} is saved.`)
    setStart(draft)
    const paths = consolePaths(clientPrefix() as TenantPrefix)
    const at = tenantId === undefined ? paths.role(saved.id) : paths.tenantRole(tenantId, saved.id)
    if (saved.id !== role?.id) router.replace(at)
    router.refresh()
  }
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
    >
      <div className="grid gap-5">
        <FormErrorSummary errors={form.errors} title="The role is not saved" />
        <RoleGeneral
          draft={draft}
          put={put}
          field={form.field}
          pages={LANDINGS.filter(({ masterOnly }) => inMaster || !masterOnly)}
          landingHint="Where people begin after signing in, if they may see it."
          fixed={locked !== undefined}
          locked={locked !== undefined}
        />
        <PermissionMatrix
          levels={draft.levels}
          onChange={(levels) => put({ levels })}
          stored={start.levels}
          most={limits.capLevels}
          own={limits.ownLevels}
          cap={limits.cap}
          inMaster={inMaster && !multiTenant && !role?.multiTenant}
          locked={locked}
        />
        <AccessSections
          access={draft.access}
          onChange={(access) => put({ access })}
          locked={locked !== undefined}
          template={multiTenant || (inMaster && role?.multiTenant === true)}
          tenantId={tenantId}
        />
      </div>
      <SaveBar
        dirty={dirty && locked === undefined}
        pending={form.pending}
        whatIf={whatIf}
        saveLabel={
          role ? (role.origin === 'provider' ? 'Save as this tenant’s own' : 'Save role') : 'Create role'
        }
        onDiscard={() => (role ? setDraft(start) : router.back())}
      />
    </form>
  )
}
