'use client'

import { api } from '@/app/_lib/api-client'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { PickerOption } from '@/ui/picker-panel'

type Search = (query: string, signal: AbortSignal) => Promise<PickerOption[]>
type What = 'group' | 'tag' | 'cloud' | 'instanceType' | 'resource'
/** What roles and assignments can name, for pickers. */
export type Choices = Record<What, Search>

interface Row {
  id: string
  name: string
  kind?: string
}
const optionOf = ({ id, name }: Row): PickerOption => ({ value: id, label: name })
const withKind = ({ id, name, kind = '' }: Row): PickerOption => ({
  value: id,
  label: name,
  hint: labelOfKind(kind),
})

const groupOrTag =
  (what: 'group' | 'tag'): Search =>
  async (search, signal) =>
    (await api().roles.choices.query({ what, search }, { signal })).rows.map(optionOf)

const ofKind =
  (kind: string): Search =>
  async (search, signal) =>
    (await api().resources.list.query({ kind, search, limit: 50 }, { signal })).rows.map(optionOf)

/** In the acting tenant, as far as the person sees it. */
const OWN: Choices = {
  group: groupOrTag('group'),
  tag: groupOrTag('tag'),
  cloud: ofKind('cloud'),
  instanceType: ofKind('instance_type'),
  resource: async (search, signal) => {
    if (search.trim() === '') return []
    return (await api().resources.search.query({ search }, { signal })).rows.map(withKind)
  },
}

const inTenant =
  (tenantId: string, what: What): Search =>
  async (search, signal) => {
    const { rows } = await api().rolesIn.choices.query({ tenantId, what, search }, { signal })
    return rows.map(what === 'resource' ? withKind : optionOf)
  }

/**
 * What can be named in the acting tenant or, where the provider works on a subtenant's roles and people, in that one: its own groups and
 * tags, and what it sees.
 */
export const choicesIn = (tenantId?: string): Choices =>
  tenantId === undefined
    ? OWN
    : {
        group: inTenant(tenantId, 'group'),
        tag: inTenant(tenantId, 'tag'),
        cloud: inTenant(tenantId, 'cloud'),
        instanceType: inTenant(tenantId, 'instanceType'),
        resource: inTenant(tenantId, 'resource'),
      }
