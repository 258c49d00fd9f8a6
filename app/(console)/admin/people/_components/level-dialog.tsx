'use client'

import { Building, Building2, Globe } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { LEVEL_ABOUT, LEVEL_LABELS } from '@/app/(console)/admin/people/_components/level-badge'
import { searchTenants } from '@/app/(console)/admin/people/_components/tenant-search'
import { useRoles } from '@/app/(console)/admin/people/_components/use-roles'
import type { Level, PersonDetail } from '@/server/features/people/people.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { Picker } from '@/ui/picker'
import { RadioCards } from '@/ui/radio-cards'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toast'

interface Props {
  person: PersonDetail
  onClose: () => void
  onDone: () => void
}

const LEVELS: Level[] = ['parent', 'master', 'tenant']
const ICONS = { parent: Globe, master: Building, tenant: Building2 }

/** Changes what somebody reaches; where the home moves, asks for role, tenant and perhaps another username. */
export function LevelDialog({ person, onClose, onDone }: Props) {
  const [level, setLevel] = useState(person.level)
  const [tenant, setTenant] = useState({ id: '', name: '' })
  const [roleId, setRoleId] = useState('')
  const [username, setUsername] = useState(person.username)
  const form = useSubmit('level')
  const moves = (level === 'tenant') !== (person.level === 'tenant')
  const roles = useRoles(moves ? (level === 'tenant' ? tenant.id : 'master') : '')
  const choose = (next: string) => {
    setLevel(LEVELS.find((one) => one === next) ?? person.level)
    setRoleId('')
  }
  const save = async () => {
    await api().people.setLevel.mutate({
      id: person.id,
      level,
      ...(moves && { roleIds: roleId === '' ? [] : [roleId], username }),
      ...(level === 'tenant' && tenant.id !== '' && { tenantId: tenant.id }),
    })
    toast.success(`${person.name} is ${LEVEL_LABELS[level].toLowerCase()} now.`)
    onDone()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Change the level of ${person.name}`}
      dismissible={!form.pending}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(save)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={level === person.level && 'Choose another level'}
          >
            Change level
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The level is not changed" />
        <RadioCards
          legend="Level"
          name="level"
          value={level}
          onChange={choose}
          options={LEVELS.map((value) => {
            const Icon = ICONS[value]
            return {
              value,
              label: LEVEL_LABELS[value],
              description: LEVEL_ABOUT[value],
              icon: <Icon aria-hidden />,
            }
          })}
        />
        {moves && level === 'tenant' && (
          <Field {...form.field('tenantId')} label="New home" required>
            <Picker
              label="New home"
              value={tenant.id}
              search={searchTenants}
              placeholder="Choose a tenant…"
              onChange={({ value, label }) => {
                setTenant({ id: value, name: label })
                setRoleId('')
              }}
            />
          </Field>
        )}
        {moves && (
          <>
            <Field {...form.field('roleIds')} label="Role there" required>
              <Select
                value={roleId}
                disabled={roles === undefined}
                placeholder={
                  level === 'tenant' && tenant.id === '' ? 'Choose a tenant first' : 'Choose a role'
                }
                options={(roles ?? []).map(({ id, name, can }) => ({
                  value: id,
                  label: can.grant ? name : `${name} (more than you may give)`,
                  disabled: !can.grant,
                }))}
                onChange={(event) => setRoleId(event.target.value)}
              />
            </Field>
            <Field {...form.field('username')} label="Username there" required>
              <Input
                mono
                autoCapitalize="none"
                spellCheck={false}
                maxLength={64}
                value={username}
                onChange={(event) => setUsername(event.target.value)}
              />
            </Field>
          </>
        )}
        {level !== person.level && (
          <Alert tone="warning" title={`${person.name} is signed out everywhere`}>
            {moves
              ? `The account moves to ${level === 'tenant' ? tenant.name || 'the tenant' : 'the master tenant'}. Their memberships and roles so far end; the password stays.`
              : 'Account, roles and password stay.'}
          </Alert>
        )}
      </div>
    </Dialog>
  )
}
