'use client'

import { usePathname, useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { type Question, questionQuery } from '@/app/(console)/explain/_components/question'
import { type Verb, VERBS } from '@/lib/access'
import { type Level, PERMISSION_NAMES, PERMISSIONS, type Permission } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'
import { RadioCards } from '@/ui/radio-cards'
import { Select } from '@/ui/select'

interface Props {
  question: Question
  may: { people: boolean; tenants: boolean }
  person: PickerOption | null
  tenant: PickerOption | null
  thing: PickerOption | null
  self: { name: string; tenant: string }
}

const VERB_WORDS: Record<Verb, string> = {
  see: 'See it',
  act: 'Use it (power and the like)',
  edit: 'Change it',
  delete: 'Remove it',
}
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What is asked: each choice is a new address, so that a question can be passed on. */
export function ExplainForm({ question, may, person, tenant, thing, self }: Props) {
  const router = useRouter()
  const path = usePathname()
  const { about, userId, tenantId } = question
  const [what, setWhat] = useState<'thing' | 'permission'>(
    about && 'permission' in about ? 'permission' : 'thing',
  )
  const go = (change: Partial<Question>) => router.push(path + questionQuery({ ...question, ...change }))
  return (
    <Card title="Question">
      <div className="grid gap-4">
        {may.tenants && <TenantField value={tenantId} selected={tenant} self={self.tenant} go={go} />}
        {(may.people || tenantId !== '') && (
          <PersonField tenantId={tenantId} value={userId} selected={person} self={self.name} go={go} />
        )}
        <RadioCards
          legend="May they …"
          name="what"
          columns={2}
          value={what}
          onChange={(value) => setWhat(value === 'permission' ? 'permission' : 'thing')}
          options={[
            { value: 'thing', label: 'do something with a thing' },
            { value: 'permission', label: 'do what a permission allows' },
          ]}
        />
        {what === 'thing' ? (
          <ThingFields about={about} selected={thing} go={go} />
        ) : (
          <PermissionFields about={about} go={go} />
        )}
      </div>
    </Card>
  )
}

interface Part {
  go: (change: Partial<Question>) => void
}

function TenantField({
  value,
  selected,
  self,
  go,
}: Part & { value: string; selected: PickerOption | null; self: string }) {
  const here: PickerOption = { value: '', label: `${self} (this tenant)` }
  return (
    <Field label="In the tenant">
      <Picker
        label="Tenant"
        value={value}
        selected={value === '' ? here : selected}
        onChange={(tenant) => go({ tenantId: tenant.value, userId: '' })}
        search={async (search, signal) => {
          const { rows } = await api().tenants.list.query({ search, limit: 20 }, { signal })
          return [
            here,
            ...rows.filter(({ master }) => !master).map(({ id, name }) => ({ value: id, label: name })),
          ]
        }}
      />
    </Field>
  )
}

function PersonField({
  tenantId,
  value,
  selected,
  self,
  go,
}: Part & { tenantId: string; value: string; selected: PickerOption | null; self: string }) {
  const me: PickerOption = { value: '', label: `${self} (you)` }
  return (
    <Field label="Person">
      <Picker
        key={tenantId}
        label="Person"
        placeholder="Choose a person…"
        value={value === '' && tenantId !== '' ? null : value}
        selected={value === '' ? (tenantId === '' ? me : null) : selected}
        onChange={(person) => go({ userId: person.value })}
        search={async (search, signal) => {
          const { rows } = tenantId
            ? await api().tenantUsers.list.query({ tenantId, search, limit: 20 }, { signal })
            : await api().users.list.query({ search, limit: 20 }, { signal })
          const people = rows.map(({ id, name, username }) => ({ value: id, label: name, hint: username }))
          return tenantId ? people : [me, ...people]
        }}
      />
    </Field>
  )
}

type About = Question['about']

function ThingFields({ about, selected, go }: Part & { about: About; selected: PickerOption | null }) {
  const asked = about && 'id' in about ? about : null
  return (
    <>
      <Field label="Thing" hint="Search by name, or paste an id from an address.">
        <Picker
          label="Thing"
          placeholder="Choose a thing…"
          value={asked?.id ?? null}
          selected={selected ?? (asked && { value: asked.id, label: asked.id })}
          onChange={({ value }) => go({ about: { id: value, verb: asked?.verb ?? 'see' } })}
          search={async (search, signal) => {
            const text = search.trim()
            if (UUID.test(text)) return [{ value: text.toLowerCase(), label: `Id ${text.toLowerCase()}` }]
            if (text === '') return []
            const { rows } = await api().resources.search.query({ search: text }, { signal })
            return rows.map(({ id, kind, name }) => ({
              value: id,
              label: name,
              hint: kindOf(kind)?.label ?? kind,
            }))
          }}
        />
      </Field>
      <Field label="What">
        <Select
          value={asked?.verb ?? 'see'}
          disabled={!asked}
          onChange={({ target }) => asked && go({ about: { id: asked.id, verb: target.value as Verb } })}
          options={VERBS.map((verb) => ({ value: verb, label: VERB_WORDS[verb] }))}
        />
      </Field>
    </>
  )
}

const levelsOf = (permission: Permission) =>
  (PERMISSIONS[permission].levels as readonly Level[]).filter(
    (level): level is Exclude<Level, 'none'> => level !== 'none',
  )

function PermissionFields({ about, go }: Part & { about: About }) {
  const asked = about && 'permission' in about ? about : null
  return (
    <>
      <Field label="Permission">
        <Picker
          label="Permission"
          placeholder="Choose a permission…"
          value={asked?.permission ?? null}
          onChange={({ value }) => {
            const permission = value as Permission
            go({ about: { permission, level: levelsOf(permission)[0] ?? 'read' } })
          }}
          options={PERMISSION_NAMES.map((name) => ({ value: name, label: PERMISSIONS[name].label }))}
        />
      </Field>
      {asked && (
        <Field label="At the level" hint={PERMISSIONS[asked.permission].description}>
          <Select
            value={asked.level}
            onChange={({ target }) =>
              go({ about: { ...asked, level: target.value as Exclude<Level, 'none'> } })
            }
            options={levelsOf(asked.permission).map((level) => ({ value: level, label: level }))}
          />
        </Field>
      )}
    </>
  )
}
