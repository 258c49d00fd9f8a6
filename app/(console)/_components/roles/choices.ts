'use client'

import { api } from '@/app/_lib/api-client'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { PickerOption } from '@/ui/picker-panel'

type Search = (query: string, signal: AbortSignal) => Promise<PickerOption[]>

const groupOrTag =
  (what: 'group' | 'tag'): Search =>
  async (search, signal) => {
    const { rows } = await api().roles.choices.query({ what, search }, { signal })
    return rows.map(({ id, name }) => ({ value: id, label: name }))
  }

const ofKind =
  (kind: string): Search =>
  async (search, signal) => {
    const { rows } = await api().resources.list.query({ kind, search, limit: 50 }, { signal })
    return rows.map(({ id, name }) => ({ value: id, label: name }))
  }

/** What roles and assignments can name, as far as the person sees it. */
export const CHOICES: Record<'group' | 'tag' | 'cloud' | 'instanceType' | 'resource', Search> = {
  group: groupOrTag('group'),
  tag: groupOrTag('tag'),
  cloud: ofKind('cloud'),
  instanceType: ofKind('instance_type'),
  resource: async (search, signal) => {
    if (search.trim() === '') return []
    const { rows } = await api().resources.search.query({ search }, { signal })
    return rows.map(({ id, name, kind }) => ({ value: id, label: name, hint: labelOfKind(kind) }))
  },
}
