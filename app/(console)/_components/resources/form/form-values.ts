import { type Field, GIB, type KindView, type NumberField, type Spec } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'

/** A resource as a form holds it: something to refer to. */
export interface Named {
  id: string
  /** Null: not there any more for this tenant. */
  name: string | null
  /** Of a cloud, who uses what comes into it, where that is the master's to know. */
  tenant?: TenantChoice
}

/** A tenant as pickers show it. */
export interface TenantChoice {
  id: string
  name: string
  icon: string
}

/** As typed: numbers as text, lists a line each, parameters as pairs in their order. */
export type Typed = string | boolean | [name: string, value: string][]

export interface FormValues {
  name: string
  fields: Record<string, Typed>
  refs: Record<string, Named[]>
  cloud: Named | null
  parent: Named | null
}

const DECIMALS = 10

/** Bytes are typed in GiB. */
const typedNumber = (value: number, { unit }: NumberField): string =>
  unit === 'bytes' ? String(Number((value / GIB).toFixed(DECIMALS))) : String(value)

function typed(field: Field, value: Spec[string]): Typed {
  switch (field.type) {
    case 'boolean':
      return value === true
    case 'number':
      return typeof value === 'number' ? typedNumber(value, field) : ''
    case 'list':
      return Array.isArray(value) ? value.join('\n') : ''
    case 'params':
      return typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : []
    default:
      return typeof value === 'string' ? value : ''
  }
}

/** What the form begins with: the resource as it is, or nothing. */
export function initialValues(kind: KindView, resource?: ResourceDetail): FormValues {
  const own = Object.entries(kind.fields).filter(([, { type }]) => type !== 'ref')
  return {
    name: resource?.name ?? '',
    fields: Object.fromEntries(own.map(([name, field]) => [name, typed(field, resource?.spec[name])])),
    refs: resource?.refs ?? {},
    cloud: resource?.cloud ?? null,
    parent: resource?.parent ?? null,
  }
}

function asNumber(text: string, { unit }: NumberField): number | string {
  const value = Number(text.trim().replace(',', '.'))
  if (!Number.isFinite(value)) return text // the server says what is wrong with it
  return unit === 'bytes' ? Math.round(value * GIB) : value
}

function value(field: Field, given: Typed): Exclude<Spec[string], undefined> | null {
  if (typeof given === 'boolean') return given
  if (Array.isArray(given))
    return Object.fromEntries(
      given.map(([name, one]) => [name.trim(), one]).filter(([name, one]) => name !== '' || one !== ''),
    ) as Record<string, string>
  if (given.trim() === '') return null
  if (field.type === 'number') return asNumber(given, field)
  if (field.type === 'list')
    return given
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  return given
}

/** What is typed as the server takes it; it checks all of it. What its cloud tells is not part of it. */
export function inputOf(kind: KindView, values: FormValues, told?: ResourceDetail['told']) {
  const entries = Object.entries(kind.fields).filter(([name]) => !told?.fields.includes(name))
  return {
    kind: kind.kind,
    name: values.name,
    spec: Object.fromEntries(
      entries
        .filter(([, { type }]) => type !== 'ref')
        .map(([name, field]) => [name, value(field, values.fields[name] ?? '')]),
    ),
    refs: entries.flatMap(([field, { type }]) => {
      const ids = (values.refs[field] ?? []).map(({ id }) => id)
      return type === 'ref' && ids.length > 0 ? [{ field, ids }] : []
    }),
    parentId: told ? undefined : values.parent?.id,
  }
}

/** A parameter that stands there twice: one of the two would be lost. */
export function doubledParameter(values: FormValues): string | null {
  for (const given of Object.values(values.fields)) {
    if (!Array.isArray(given)) continue
    const names = given.map(([name]) => name.trim()).filter(Boolean)
    const double = names.find((name, at) => names.indexOf(name) !== at)
    if (double !== undefined) return double
  }
  return null
}
