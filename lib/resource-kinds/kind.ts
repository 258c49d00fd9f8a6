import type { Permission } from '../permissions'

interface FieldBase {
  label: string
  /** What to enter, in a few words. */
  hint?: string
  required?: true
}

/** A text; `format` is checked, `lines` makes it several lines long. */
export interface TextField extends FieldBase {
  type: 'text'
  format?: 'cidr' | 'ip' | 'url' | 'mac' | 'currency'
  lines?: number
  /** Characters at most; 500 unless said. */
  max?: number
}
/** A number of `unit`: bytes are entered and shown in GiB. */
export interface NumberField extends FieldBase {
  type: 'number'
  unit?: 'bytes' | 'cores' | 'count'
  min: number
  max: number
  /** Digits behind the point; whole numbers unless said. */
  decimals?: number
}
export interface BooleanField extends FieldBase {
  type: 'boolean'
}
export interface ChoiceField extends FieldBase {
  type: 'choice'
  options: readonly { value: string; label: string }[]
}
/** Several texts, one a line. */
export interface ListField extends FieldBase {
  type: 'list'
  format?: TextField['format']
}
/** Parameters by name. */
export interface ParamsField extends FieldBase {
  type: 'params'
}
/** References to resources that the tenant sees; kept as rows of `resource_link`, not in the spec. */
export interface RefField extends FieldBase {
  type: 'ref'
  kinds: readonly string[]
  many?: true
}

/** One field of a kind: what a person sees of it, and how it is checked. */
export type Field = TextField | NumberField | BooleanField | ChoiceField | ListField | ParamsField | RefField

/** The values of a kind's own fields (not its references), as `resource.spec` holds them. */
export type Spec = Record<string, string | number | boolean | string[] | Record<string, string> | undefined>

/** Sections of the menu, as seed 002 has them. */
export const SECTIONS = { infrastructure: 'Infrastructure', provisioning: 'Provisioning' } as const
export type Section = keyof typeof SECTIONS

/** What the portal needs to know of a kind of resource. A new kind is one file here and one line in the registry. */
export interface ResourceKind {
  /** As stored in `resource.kind`. */
  kind: string
  label: string
  plural: string
  /** Name of a lucide icon, see ui of the console. */
  icon: string
  /** What it is, for the head of its list and for an empty one. */
  description: string
  section: Section
  /** Its place in URLs: /<section>/<slug>. */
  slug: string
  /** The permission whose levels cover it. */
  permission: Permission
  /** Its name in a members map (seed 004). */
  member: string
  fields: Readonly<Record<string, Field>>
  /** Fields that its list shows as columns. */
  columns: readonly string[]
  /** Kinds that it may stand in (`parent_id`), and what that is called. */
  parent?: { kinds: readonly string[]; label: string }
  /** Stands in a cloud, or may. */
  inCloud: boolean
  /** Made by hand; a host comes by enrolment only. */
  canBeCreated: boolean
  /** May be offered to all tenants (PRODUCT, "visibility"). */
  canBePublic: boolean
  /** May be assigned to one tenant for use. */
  canBeAssigned: boolean
  /** May be granted to several tenants. */
  canBeGranted: boolean
  /** Has power actions and the like: whoever uses it may act on it. */
  canBeActedOn: boolean
  /** What of it does nothing yet, and since when it will. */
  pending?: string
  /** A rule over several fields. @returns the field that is wrong and why, or null */
  problem?: (spec: Spec) => { field: string; message: string } | null
}

/** What nearly all kinds have: see PRODUCT, "visibility" and "grant". */
export const USUAL = {
  inCloud: true,
  canBeCreated: true,
  canBePublic: true,
  canBeAssigned: true,
  canBeGranted: true,
  canBeActedOn: false,
} as const

const GIB = 2 ** 30
const TIB = 2 ** 40
export const note: TextField = { type: 'text', label: 'Description', lines: 3, max: 1000 }
export const cores: NumberField = { type: 'number', label: 'Cores', unit: 'cores', min: 1, max: 4096 }
export const memory: NumberField = {
  type: 'number',
  label: 'Memory',
  unit: 'bytes',
  min: 2 ** 20,
  max: 64 * TIB,
}
export const disk: NumberField = {
  type: 'number',
  label: 'Disk',
  unit: 'bytes',
  min: 2 ** 20,
  max: 4096 * TIB,
}
export { GIB, TIB }

/** A descriptor without its functions: what a page hands to the browser. */
export type KindView = Omit<ResourceKind, 'problem'>

export function kindView({ problem: _rule, ...view }: ResourceKind): KindView {
  return view
}
