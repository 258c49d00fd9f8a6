import { z } from 'zod'
import { parseCidr, parseIp } from '@/lib/resource-kinds/address'
import type { Field, NumberField, ResourceKind, Spec, TextField } from '@/lib/resource-kinds/kind'
import { formatBytes } from '@/lib/units'

const UNPRINTABLE = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u
const UNPRINTABLE_LINES = /[^\P{Cc}\n\t]|[\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u

/** A name of anything that people see. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name')
  .max(255, 'At most 255 characters')
  .refine((text) => !UNPRINTABLE.test(text), 'Use printable characters only')

const FORMATS: Record<NonNullable<TextField['format']>, { ok: (text: string) => boolean; say: string }> = {
  cidr: { ok: (text) => parseCidr(text) !== null, say: 'Enter a network such as 10.20.0.0/24' },
  ip: { ok: (text) => parseIp(text) !== null, say: 'Enter an IP address' },
  url: {
    ok: (text) => /^https?:$/.test(protocolOf(text)),
    say: 'Enter an address that begins with https:// or http://',
  },
  mac: {
    ok: (text) => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text),
    say: 'Enter a MAC address such as 52:54:00:12:34:56',
  },
  currency: { ok: (text) => /^[A-Z]{3}$/.test(text), say: 'Enter three capital letters' },
}

function protocolOf(text: string): string {
  try {
    return new URL(text).protocol
  } catch {
    return ''
  }
}

function text(max: number, format?: TextField['format'], lines = false) {
  const shape = z.string().trim().max(max, `At most ${max} characters`)
  const plain = shape.refine(
    (t) => !(lines ? UNPRINTABLE_LINES : UNPRINTABLE).test(t),
    'Use printable characters only',
  )
  return format ? plain.refine((t) => t === '' || FORMATS[format].ok(t), FORMATS[format].say) : plain
}

function number(field: NumberField) {
  const words = (value: number) => (field.unit === 'bytes' ? formatBytes(value) : String(value))
  const digits = field.decimals ?? 0
  return z
    .number('Enter a number')
    .min(field.min, `At least ${words(field.min)}`)
    .max(field.max, `At most ${words(field.max)}`)
    .refine(
      (value) => Number(value.toFixed(digits)) === value,
      digits === 0 ? 'A whole number' : `At most ${digits} digits behind the point`,
    )
}

const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/

function schemaOf(field: Field): z.ZodType {
  switch (field.type) {
    case 'text':
      return text(field.max ?? 500, field.format, field.lines !== undefined)
    case 'number':
      return number(field)
    case 'boolean':
      return z.boolean()
    case 'choice':
      return z.enum(
        field.options.map(({ value }) => value) as [string, ...string[]],
        'Choose one of the list',
      )
    case 'list':
      return z.array(text(500, field.format).min(1)).max(100, 'At most 100')
    case 'params':
      return z
        .record(
          z.string().regex(KEY, 'A name begins with a letter and has letters, digits and . _ - only').max(63),
          text(2000, undefined, true),
        )
        .refine((params) => Object.keys(params).length <= 200, 'At most 200 parameters')
    case 'ref':
      return z.never()
  }
}

const schemas = new WeakMap<Field, z.ZodType>()
/** Built once a field: a cloud of 100,000 things asks for it a million times. */
function kept(field: Field): z.ZodType {
  const schema = schemas.get(field) ?? schemaOf(field)
  schemas.set(field, schema)
  return schema
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** The first thing that is wrong; of a name in a record, what is wrong with the name. */
function messageOf({ issues: [issue] }: z.ZodError): string {
  if (issue?.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  return issue?.message ?? 'Not valid'
}

/** Wrong fields of a spec by name; and the spec without what is empty where nothing is wrong. */
export function checkSpec(
  kind: ResourceKind,
  input: Record<string, unknown>,
): { spec: Spec; fields: Record<string, string> } {
  const fields: Record<string, string> = {}
  const spec: Spec = {}
  for (const [name, field] of Object.entries(kind.fields)) {
    if (field.type === 'ref') continue
    const value = Object.hasOwn(input, name) ? input[name] : undefined
    if (isEmpty(value)) {
      if (field.required) fields[name] = `${field.label} is needed`
      continue
    }
    const parsed = kept(field).safeParse(value)
    if (parsed.success) spec[name] = parsed.data as Spec[string]
    else fields[name] = messageOf(parsed.error)
  }
  for (const name of Object.keys(input))
    if (!Object.hasOwn(kind.fields, name) || kind.fields[name]?.type === 'ref')
      fields[name] = `${kind.label} has no field of this name`
  const problem = Object.keys(fields).length === 0 ? kind.problem?.(spec) : null
  if (problem) fields[problem.field] = problem.message
  return { spec, fields }
}
