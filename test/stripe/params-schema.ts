import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'

const ROOT = path.join(import.meta.dirname, '../..')
const CACHE = path.join(ROOT, 'node_modules/.cache/freehold/stripe')

export interface Schema {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  required?: string[]
  description?: string
  minimum?: number
  pattern?: string
}
type Definitions = Record<string, Schema>

/** Numbers that Stripe takes with a fraction; every other one is an integer. */
const FRACTIONS = /percent|rate/

/**
 * JSON schemas of the parameters that the installed SDK's own types allow, one definition a type. Made once for each version of the SDK and
 * list of types (about three seconds) and kept in node_modules/.cache/freehold/stripe.
 * @param types names below the namespace `Stripe`, such as `Checkout.SessionCreateParams`
 */
export function parameterSchemas(types: string[]): Definitions {
  const own = fs.readFileSync(import.meta.filename, 'utf8')
  const version = fs.readFileSync(path.join(ROOT, 'node_modules/stripe/package.json'), 'utf8')
  const key = createHash('sha256')
    .update(JSON.stringify([types, own, version]))
    .digest('hex')
    .slice(0, 16)
  const file = path.join(CACHE, `params-${key}.json`)
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as Definitions
  const made = Object.fromEntries(
    Object.entries(generate(types, key)).map(([name, schema]) => [name, tighten(schema, name)]),
  )
  // two processes may make it at once: whoever is last wins, and nobody reads half a file
  const draft = `${file}.${process.pid}`
  fs.writeFileSync(draft, JSON.stringify(made))
  fs.renameSync(draft, file)
  return made
}

function generate(types: string[], key: string): Definitions {
  const folder = path.join(CACHE, `${key}.${process.pid}`)
  fs.mkdirSync(folder, { recursive: true })
  const source = path.join(folder, 'types.ts')
  const tsconfig = path.join(folder, 'tsconfig.json')
  const alias = (type: string): string => `export type ${type.replaceAll('.', '_')}_ = Stripe.${type}`
  fs.writeFileSync(source, ["import type Stripe from 'stripe'", ...types.map(alias)].join('\n'))
  const compilerOptions = { module: 'esnext', moduleResolution: 'bundler', strict: true, types: ['node'] }
  fs.writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ['types.ts'] }))
  try {
    const generator = createGenerator({ path: source, tsconfig, type: '*', skipTypeCheck: true })
    return generator.createSchema('*').definitions as Definitions
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/**
 * What the wire knows and the types do not say: enums are closed (the types leave them open for values of later versions), amounts are
 * integers, decimals travel as strings.
 */
function tighten(schema: Schema, name: string): Schema {
  const { description: _, ...rest } = schema
  if (name === 'Decimal') return { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,12})?$' }
  if (rest.anyOf) {
    const named = rest.anyOf.filter((one) => one.$ref !== '#/definitions/OtherString')
    if (named.length < rest.anyOf.length && named.every((one) => one.const !== undefined))
      return { type: 'string', enum: named.map((one) => one.const) }
    return { anyOf: named.map((one) => tighten(one, name)) }
  }
  if (rest.type === 'number' && !FRACTIONS.test(name)) return { ...rest, type: 'integer' }
  return {
    ...rest,
    ...(rest.properties && {
      properties: Object.fromEntries(
        Object.entries(rest.properties).map(([key, value]) => [key, tighten(value, key)]),
      ),
    }),
    ...(rest.items && { items: tighten(rest.items, name) }),
    ...(typeof rest.additionalProperties === 'object' && {
      additionalProperties: tighten(rest.additionalProperties, name),
    }),
  }
}
