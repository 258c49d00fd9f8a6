import { z } from 'zod'
import { PAGES } from '@/app/pages'
import type { HttpRoute } from '@/server/http/route'
import { routes } from '@/server/http/routes'
import { appRouter } from '@/server/router'
import {
  checkDeclaration,
  type Declaration,
  type IdKind,
  type KindDeclaration,
} from '@/server/rpc/declaration'

/** What a procedure, route or page says of itself, read from the running code. */
export interface Declared {
  name: string
  type: 'query' | 'mutation'
  declaration: KindDeclaration | undefined
  /** JSON Schema of the input; null: it takes none. */
  input: JsonSchema | null
}

export interface JsonSchema {
  type?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  maxLength?: number
  maxItems?: number
  pattern?: string
  additionalProperties?: unknown
  propertyNames?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  /** Of a discriminated union. */
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
}

interface ProcedureDef {
  _def: { type: string; meta?: KindDeclaration; inputs: unknown[] }
}

const shapeOf = (schema: unknown): JsonSchema =>
  z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' }) as JsonSchema

/** One procedure as the sweep sees it. */
export function declaredOf(name: string, { _def }: ProcedureDef): Declared {
  const shapes = _def.inputs.map(shapeOf)
  const input =
    shapes.length === 0 ? null : shapes.length === 1 ? (shapes[0] as JsonSchema) : { allOf: shapes }
  return { name, type: _def.type === 'mutation' ? 'mutation' : 'query', declaration: _def.meta, input }
}

/** Every procedure of the router, by its full name. */
export function procedures(): Declared[] {
  const all = Object.entries(appRouter._def.procedures as unknown as Record<string, ProcedureDef>)
  return all.map(([name, p]) => declaredOf(name, p)).sort((a, b) => a.name.localeCompare(b.name))
}

/** One of them by its full name. @throws Error where there is none */
export function procedureOf(name: string): Declared {
  const found = procedures().find((one) => one.name === name)
  if (!found) throw new Error(`no procedure ${name}`)
  return found
}

/** A field of an input: `path` with `[]` taken out, as `ids` in a declaration has it. */
export interface Field {
  path: string
  schema: JsonSchema
  array: boolean
  optional: boolean
}

/** A record: values of one bounded shape, under names that are bounded. */
const isRecord = ({ additionalProperties: values, propertyNames: names }: JsonSchema): boolean =>
  typeof values === 'object' && values !== null && names?.maxLength !== undefined

/** All fields of a shape, the array's elements under the array's own path. */
export function fieldsOf(shape: JsonSchema | null, path = '', array = false, optional = false): Field[] {
  if (!shape) return []
  const variants = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])].flatMap((one) =>
    fieldsOf(one, path, array, optional),
  )
  const inside = Object.entries(shape.properties ?? {}).flatMap(([name, one]) =>
    fieldsOf(
      one,
      path === '' ? name : `${path}.${name}`,
      // a field of each element, not a list itself: it is given the first element's value
      false,
      optional || !(shape.required ?? []).includes(name),
    ),
  )
  const elements = shape.items ? fieldsOf(shape.items, path, true, optional) : []
  // values of a record by names of the caller's
  const values = isRecord(shape)
    ? fieldsOf(shape.additionalProperties as JsonSchema, path, true, optional)
    : []
  const self = path === '' ? [] : [{ path, schema: shape, array, optional }]
  return [...self, ...variants, ...inside, ...elements, ...values]
}

/** What is wrong with a procedure's own words about itself. */
export function procedureFindings({ name, type, declaration, input }: Declared): string[] {
  if (!declaration) return [`${name}: declares nothing`]
  const found: string[] = []
  try {
    checkDeclaration(name, declaration, type)
  } catch (error) {
    found.push((error as Error).message)
  }
  const ids = declaration.ids ?? {}
  const fields = fieldsOf(input)
  for (const { path, schema } of fields) {
    const isId = schema.format === 'uuid'
    if (isId && !(path in ids)) found.push(`${name}: ${path} is an id and not declared as one`)
    if (!isId && schema.type === 'string' && /Ids?$/.test(path))
      found.push(`${name}: ${path} is called an id and is no UUID`)
    if (isUnbounded(schema)) found.push(`${name}: ${path} is text without a maximum`)
    if (schema.type === 'array' && schema.maxItems === undefined)
      found.push(`${name}: ${path} is a list without a maximum`)
    if (schema.type === 'object' && schema.additionalProperties !== false && !isRecord(schema))
      found.push(`${name}: ${path} takes keys that nobody named`)
  }
  if (input?.type === 'object' && input.additionalProperties !== false)
    found.push(`${name}: takes keys that nobody named`)
  for (const path of Object.keys(ids)) {
    if (!fields.some((field) => field.path === path && field.schema.format === 'uuid'))
      found.push(`${name}: declares ${path}, which is no id of its input`)
  }
  return found
}

/** Parts of a page's address that name a kind of resource. */
const OF_THE_KIND = ['section', 'slug']
const BOUNDED_FORMATS = ['uuid', 'date-time', 'date', 'time']

function isUnbounded({ type, format, maxLength, enum: values, const: value, pattern }: JsonSchema): boolean {
  if (type !== 'string' || values || value !== undefined || maxLength !== undefined) return false
  if (format !== undefined && BOUNDED_FORMATS.includes(format)) return false
  return !/\{\d+(?:,\d+)?\}\$$/.test(pattern ?? '')
}

/** What is wrong with a route's own words about itself. */
export function routeFindings({ name, method, path, declaration, maxBody, bare }: HttpRoute): string[] {
  const found: string[] = []
  if (!(declaration as Declaration | undefined)) return [`${name}: declares nothing`]
  const kind = declaration.audit === 'none' ? 'query' : 'mutation'
  try {
    checkDeclaration(name, declaration, kind)
  } catch (error) {
    found.push((error as Error).message)
  }
  // a machine's report is data, not an act; what it changes on the way (a conflict) is audited by wall.agent_report
  if (method === 'POST' && kind === 'query' && declaration.scope !== 'agent')
    found.push(`${name}: a POST names its audit event`)
  if (method === 'GET' && maxBody !== 0) found.push(`${name}: a GET takes no body`)
  if (maxBody > 1_000_000) found.push(`${name}: a body of ${maxBody} bytes`)
  if (bare && declaration.scope !== 'public' && declaration.scope !== 'agent')
    found.push(`${name}: bare, and yet for people`)
  const params = path.split('/').filter((part) => part.startsWith(':'))
  for (const part of params)
    if (!(part.slice(1) in (declaration.ids ?? {}))) found.push(`${name}: ${part} is not declared as an id`)
  return found
}

/** What is wrong between the manifest of pages and the folders, and with the manifest itself. */
export function pageFindings(
  manifest: Record<string, Omit<KindDeclaration, 'audit'>>,
  files: { folder: string; text: string }[],
): string[] {
  const found: string[] = []
  for (const { folder, text } of files) {
    if (!(folder in manifest)) found.push(`app/${folder}/page.tsx: not in app/pages.ts`)
    else if (!text.replace(/\(\s+/g, '(').includes(`definePage('${folder}'`))
      found.push(`app/${folder}/page.tsx: does not say definePage('${folder}'`)
  }
  for (const [name, declaration] of Object.entries(manifest)) {
    if (!files.some(({ folder }) => folder === name)) found.push(`app/pages.ts: ${name} has no page`)
    try {
      checkDeclaration(name, { ...declaration, audit: 'none' }, 'query')
    } catch (error) {
      found.push((error as Error).message)
    }
    for (const [, param = ''] of name.matchAll(/\[([^\]]+)\]/g)) {
      if (!OF_THE_KIND.includes(param) && !(param in (declaration.ids ?? {})))
        found.push(`${name}: [${param}] is not declared as an id`)
    }
  }
  return found
}

/** Everything that the product answers to, for the golden matrix. */
export const surface = () => ({
  procedures: procedures(),
  routes: [...routes].sort((a, b) => a.path.localeCompare(b.path)),
  pages: Object.entries(PAGES) as [string, Omit<KindDeclaration, 'audit'>][],
})

/** Id fields of a procedure: dotted path, kind, and whether it is a list or may be left out. */
export function idFields({ declaration, input }: Declared): (Field & { kind: IdKind })[] {
  const fields = fieldsOf(input)
  return Object.entries(declaration?.ids ?? {}).flatMap(([path, kind]) => {
    const field = fields.find((one) => one.path === path && one.schema.format === 'uuid')
    return field ? [{ ...field, kind }] : []
  })
}
