'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useCallback, useState } from 'react'
import { api, clientPrefix, postApi } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { CapProvider } from '@/app/(console)/admin/roles/_components/cap-provider'
import { CapClouds, type CloudChoice } from '@/app/(console)/admin/roles/_components/cap-clouds'
import { type LevelMap, PermissionMatrix } from '@/app/(console)/_components/roles/permission-matrix'
import { RoleGeneral } from '@/app/(console)/_components/roles/role-general'
import { SaveBar } from '@/app/(console)/_components/roles/save-bar'
import { useWhatIf } from '@/app/(console)/_components/roles/use-what-if'
import type { Access } from '@/lib/access'
import type { TenantPrefix } from '@/lib/host'
import { LANDINGS } from '@/lib/landing'
import { consolePaths } from '@/lib/paths'
import { isMasterOnly, type Level, PERMISSION_NAMES, PERMISSIONS } from '@/lib/permissions'
import type { CapDetail, PreviewCap, UpdateCap } from '@/server/features/roles/tenant-roles.schema'
import { Alert } from '@/ui/alert'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  from: Pick<
    CapDetail,
    'name' | 'description' | 'levels' | 'landing' | 'providerAccess' | 'defaultCloudLevel'
  > | null
  /** Unset: a new one. */
  cap?: CapDetail
  clouds: readonly CloudChoice[]
}

interface Draft {
  name: string
  description: string
  landing: UpdateCap['landing']
  providerAccess: CapDetail['providerAccess']
  levels: LevelMap
  defaultCloudLevel: Access
  clouds: readonly CloudChoice[]
}

const levelMap = (of: (name: (typeof PERMISSION_NAMES)[number]) => Level): LevelMap =>
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, of(name)])) as LevelMap
const MOST = levelMap((name) => (isMasterOnly(name) ? 'none' : (PERMISSIONS[name].levels.at(-1) ?? 'none')))
const NONE = levelMap(() => 'none')

function draftOf({ from, clouds }: Props): Draft {
  if (!from)
    return {
      ...{ name: '', description: '', landing: '' },
      ...{ providerAccess: 'free', levels: NONE, defaultCloudLevel: 'none', clouds },
    }
  const { name, description, landing, providerAccess, levels, defaultCloudLevel } = from
  return { name, description, landing, providerAccess, levels, defaultCloudLevel, clouds }
}

const contentOf = ({ levels, defaultCloudLevel, clouds }: Draft): Omit<PreviewCap, 'id'> => ({
  levels: Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none')),
  defaultCloudLevel,
  clouds: clouds.flatMap(({ id, level }) => (level === null ? [] : [{ id, level }])),
})

/** Makes a tenant role, or changes one. */
export function CapEditor(props: Props) {
  const { cap } = props
  const [start, setStart] = useState(() => draftOf(props))
  const [draft, setDraft] = useState(start)
  const router = useRouter()
  const form = useSubmit('cap')
  const dirty = !cap || JSON.stringify(draft) !== JSON.stringify(start)
  const locked = cap && !cap.can.edit ? cap.why.edit : undefined
  const fixed =
    locked ?? (cap?.fixedLevels ? 'The levels of a built-in tenant role come with the version' : undefined)
  const asked =
    cap && dirty && locked === undefined ? JSON.stringify({ id: cap.id, ...contentOf(draft) }) : null
  const ask = useCallback(
    (key: string, signal: AbortSignal) =>
      postApi().tenantRoles.preview.query(JSON.parse(key) as PreviewCap, { signal }),
    [],
  )
  const whatIf = useWhatIf(asked, ask)
  const put = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const save = async () => {
    const { name, description, landing, providerAccess } = draft
    const own = { name: name.trim(), description: description.trim(), landing, providerAccess }
    const content = { ...contentOf(draft), ...own }
    const saved = cap
      ? await api().tenantRoles.update.mutate({ ...content, id: cap.id, updatedAt: cap.updatedAt })
      : await api().tenantRoles.create.mutate(content)
    toast.success(`${saved.name} is saved.`)
    setStart(draft)
    if (!cap) router.replace(consolePaths(clientPrefix() as TenantPrefix).cap(saved.id))
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
        <FormErrorSummary errors={form.errors} title="The tenant role is not saved" />
        {fixed !== undefined && <Alert tone="info">{fixed}. Copy it to choose others.</Alert>}
        <RoleGeneral
          draft={draft}
          put={put}
          field={form.field}
          pages={LANDINGS.filter(({ masterOnly }) => !masterOnly)}
          landingHint="Where people begin whose own roles say nothing else."
          fixed={fixed !== undefined}
          locked={locked !== undefined}
        />
        <CapProvider
          value={draft.providerAccess}
          locked={locked}
          onChange={(providerAccess) => put({ providerAccess })}
        />
        <PermissionMatrix
          levels={draft.levels}
          onChange={(levels) => put({ levels })}
          stored={start.levels}
          most={MOST}
          own={null}
          cap={null}
          inMaster={false}
          locked={fixed}
        />
        <CapClouds
          clouds={draft.clouds}
          other={draft.defaultCloudLevel}
          locked={locked !== undefined}
          onChange={(clouds) => put({ clouds })}
          onOther={(defaultCloudLevel) => put({ defaultCloudLevel })}
        />
      </div>
      <SaveBar
        dirty={dirty && locked === undefined}
        pending={form.pending}
        whatIf={whatIf}
        saveLabel={cap ? 'Save tenant role' : 'Create tenant role'}
        onDiscard={() => (cap ? setDraft(start) : router.back())}
      />
    </form>
  )
}
