'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { formatBytes } from '@/lib/units'
import type { Choices } from '@/server/features/machines/creations.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toast'

const GIB = 2 ** 30
type Cloud = NonNullable<Choices['cloud']>
type Source = Cloud['sources'][number]

interface Props {
  choices: Choices
  cloud: Cloud
  prefix: TenantPrefix
}

const asGib = (bytes: number | null, usual: number) =>
  String(bytes === null ? usual : Math.round((bytes / GIB) * 100) / 100)
const options = (all: readonly { id: string; name: string }[]) =>
  all.map(({ id, name }) => ({ value: id, label: name }))
const sizesOf = (source: Source | undefined) => ({
  cores: String(source?.cores ?? 1),
  memory: asGib(source?.memory ?? null, 1),
  disk: asGib(source?.disk ?? null, 10),
})

/** What is entered for a machine; sizes in GiB, as text. */
function useMachine(cloud: Cloud) {
  const [values, setValues] = useState({
    name: '',
    sourceId: cloud.sources[0]?.id ?? '',
    placeId: cloud.placeRequired ? (cloud.places[0]?.id ?? '') : '',
    datastoreId: '',
    networkId: '',
    ...sizesOf(cloud.sources[0]),
  })
  const [start, setStart] = useState(true)
  return {
    values,
    start,
    setStart,
    set: (name: keyof typeof values, value: string) =>
      setValues((all) => ({
        ...all,
        [name]: value,
        ...(name === 'sourceId' && sizesOf(cloud.sources.find(({ id }) => id === value))),
      })),
  }
}
type Machine = ReturnType<typeof useMachine>
type Values = Machine['values']

function whyNot(v: Values, cloud: Cloud): string | false {
  if (v.sourceId === '')
    return `There is no ${cloud.sourceLabel.toLowerCase()} in this cloud that you may use`
  if (v.name.trim() === '') return 'Give it a name'
  if (cloud.placeRequired && v.placeId === '')
    return `There is no ${cloud.placeLabel.toLowerCase()} that you may use`
  return [v.cores, v.memory, v.disk].some((text) => !(Number(text) > 0)) && 'Enter how large it is to be'
}

/** Makes a machine in a cloud. What comes of it stands beside the form. */
export function CreateMachineForm({ choices, cloud, prefix }: Props) {
  const router = useRouter()
  const form = useSubmit('machine')
  const it = useMachine(cloud)
  const { values: v } = it
  const paths = consolePaths(prefix)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const { name } = await api().machines.create.mutate({
        ...{ cloudId: cloud.id, sourceId: v.sourceId, name: v.name, start: it.start, cores: Number(v.cores) },
        ...{ memory: Math.round(Number(v.memory) * GIB), disk: Math.round(Number(v.disk) * GIB) },
        ...(v.placeId && { placeId: v.placeId }),
        ...(v.datastoreId && { datastoreId: v.datastoreId }),
        ...(v.networkId && { networkId: v.networkId }),
      })
      toast.success(`${name} is being made.`)
      it.set('name', '')
      router.refresh()
    })
  }
  return (
    <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <FormErrorSummary errors={form.errors} title="It is not made" />
      <LimitsNote limits={choices.limits} />
      <Card title="What and where">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field {...form.field('cloudId')} label="Cloud" required>
            <Select
              options={options(choices.clouds)}
              value={cloud.id}
              onChange={(event) => router.replace(paths.createMachineIn(event.target.value))}
            />
          </Field>
          <Chosen
            it={it}
            form={form}
            name="sourceId"
            label={cloud.sourceLabel}
            all={cloud.sources}
            required
          />
          <Chosen
            {...{ it, form, name: 'placeId', label: cloud.placeLabel, all: cloud.places }}
            required={cloud.placeRequired}
          />
          <Chosen it={it} form={form} name="datastoreId" label="Data store" all={cloud.datastores} />
          {cloud.networks && (
            <Chosen it={it} form={form} name="networkId" label="Network" all={cloud.networks} />
          )}
        </div>
      </Card>
      <Card title="The machine">
        <div className="grid gap-4 sm:grid-cols-3">
          <Field
            {...form.field('name')}
            label="Name"
            required
            hint="As a host is called: letters, digits and -"
            className="sm:col-span-3"
          >
            <Input
              value={v.name}
              maxLength={63}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => it.set('name', event.target.value)}
            />
          </Field>
          <Size it={it} form={form} name="cores" label="Cores" />
          <Size it={it} form={form} name="memory" label="Memory" unit="GiB" />
          <Size it={it} form={form} name="disk" label="Disk" unit="GiB" />
        </div>
        <Checkbox
          className="mt-4"
          checked={it.start}
          onChange={(event) => it.setStart(event.target.checked)}
          label="Start it when it is there"
        />
      </Card>
      <Button
        type="submit"
        variant="primary"
        loading={form.pending}
        disabledReason={whyNot(v, cloud)}
        className="justify-self-end"
      >
        Create machine
      </Button>
    </form>
  )
}

interface FieldProps {
  it: Machine
  form: ReturnType<typeof useSubmit>
  name: keyof Values
  label: string
}

/** Nothing chosen: as the cloud has it by itself. */
function Chosen({
  it,
  form,
  name,
  label,
  all,
  required = false,
}: FieldProps & { all: readonly { id: string; name: string }[]; required?: boolean }) {
  return (
    <Field {...form.field(name)} label={label} required={required}>
      <Select
        options={options(all)}
        placeholder={
          required ? (all.length === 0 ? 'None that you may use' : undefined) : 'As the cloud has it'
        }
        value={it.values[name]}
        onChange={(event) => it.set(name, event.target.value)}
      />
    </Field>
  )
}

function Size({ it, form, name, label, unit }: FieldProps & { unit?: string }) {
  return (
    <Field {...form.field(name)} label={label} required>
      <Input
        type="number"
        min={0}
        step={unit ? 'any' : 1}
        suffix={unit}
        value={it.values[name]}
        onChange={(event) => it.set(name, event.target.value)}
      />
    </Field>
  )
}

function LimitsNote({ limits: { machines, cores, memory, disk } }: { limits: Choices['limits'] }) {
  const said = [
    machines !== null && `${machines} virtual machines in all`,
    cores !== null && `${cores} cores each`,
    memory !== null && `${formatBytes(memory)} of memory each`,
    disk !== null && `${formatBytes(disk)} of disk each`,
  ].filter((one) => one !== false)
  if (said.length === 0) return null
  return (
    <Alert tone="info" title="Your provider's limits">
      At most {said.join(', ')}.
    </Alert>
  )
}
