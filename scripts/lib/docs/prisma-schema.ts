import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from '../run'

export interface Column {
  name: string
  type: string
  nullable: boolean
  key: '' | 'PK' | 'FK' | 'UK'
}

export interface Reference {
  /** Columns here that point to `table`. */
  columns: string[]
  table: string
  optional: boolean
  /** At most one row here for a row there. */
  unique: boolean
}

export interface Table {
  /** File of the schema, without extension: the domain. */
  domain: string
  name: string
  doc: string
  columns: Column[]
  references: Reference[]
}

interface Field {
  name: string
  type: string
  list: boolean
  nullable: boolean
  attributes: string
}

interface Model {
  domain: string
  name: string
  doc: string
  fields: Field[]
  attributes: string[]
}

const TYPES: Record<string, string> = {
  String: 'text',
  Boolean: 'boolean',
  DateTime: 'timestamptz',
  Json: 'jsonb',
  Int: 'int',
  BigInt: 'bigint',
  Bytes: 'bytea',
}

const FOLDER = path.join(ROOT, 'prisma/schema')
const namesIn = (text: string | undefined): string[] => (text ?? '').split(',').map((name) => name.trim())

/** Every table of prisma/schema, by file and in the order they stand there. */
export function readTables(): Table[] {
  const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.prisma'))
  const models = files
    .sort()
    .flatMap((file) =>
      parseModels(file.slice(0, -'.prisma'.length), fs.readFileSync(path.join(FOLDER, file), 'utf8')),
    )
  return models.map((model) => toTable(model, models))
}

function parseModels(domain: string, text: string): Model[] {
  return [...text.matchAll(/((?:^\/\/\/.*\n)*)^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(
    ([, doc = '', name = '', body = '']) => {
      const lines = body.split('\n').map((line) => line.trim())
      return {
        domain,
        name,
        doc: doc.replaceAll('///', ' ').replace(/\s+/g, ' ').trim(),
        fields: lines.flatMap(parseField),
        attributes: lines.filter((line) => line.startsWith('@@')),
      }
    },
  )
}

function parseField(line: string): Field[] {
  const [, name, type, mark = '', attributes = ''] = /^(\w+)\s+(\w+)(\[\]|\?)?\s*(.*)$/.exec(line) ?? []
  return name && type ? [{ name, type, list: mark === '[]', nullable: mark === '?', attributes }] : []
}

const mapped = (text: string): string | undefined => /@map\("(\w+)"\)/.exec(text)?.[1]
const tableOf = (model: Model): string => model.attributes.map(mapped).find(Boolean) ?? model.name
const columnOf = (model: Model, field: string): string =>
  mapped(model.fields.find(({ name }) => name === field)?.attributes ?? '') ?? field

/** Sets of fields that have a `@@id` or `@@unique`. */
function sets(model: Model, attribute: '@@id' | '@@unique'): string[][] {
  return model.attributes
    .filter((line) => line.startsWith(`${attribute}(`))
    .map((line) => namesIn(/\[(.*?)\]/.exec(line)?.[1]))
}

function toTable(model: Model, models: readonly Model[]): Table {
  const references = model.fields.flatMap((field) => toReference(model, field, models))
  const primary = new Set(sets(model, '@@id').flat())
  const foreign = new Set(references.flatMap(({ columns }) => columns))
  const columns = model.fields.flatMap((field): Column[] => {
    const type = TYPES[field.type]
    if (!type) return []
    const name = columnOf(model, field.name)
    const isPrimary = primary.has(field.name) || /@id\b/.test(field.attributes)
    const key = isPrimary ? 'PK' : foreign.has(name) ? 'FK' : /@unique\b/.test(field.attributes) ? 'UK' : ''
    return [
      {
        name,
        type: (/@db\.Uuid/.test(field.attributes) ? 'uuid' : type) + (field.list ? '_array' : ''),
        nullable: field.nullable,
        key,
      },
    ]
  })
  return { domain: model.domain, name: tableOf(model), doc: model.doc, columns, references }
}

function toReference(model: Model, field: Field, models: readonly Model[]): Reference[] {
  const target = models.find(({ name }) => name === field.type)
  const fields = namesIn(/fields: \[(.*?)\]/.exec(field.attributes)?.[1]).filter(Boolean)
  if (!target || fields.length === 0) return []
  const single = model.fields.find(({ name }) => name === fields[0])?.attributes ?? ''
  const together = [...sets(model, '@@id'), ...sets(model, '@@unique')].some(
    (set) => set.length === fields.length && set.every((name) => fields.includes(name)),
  )
  return [
    {
      columns: fields.map((name) => columnOf(model, name)),
      table: tableOf(target),
      optional: field.nullable,
      unique: together || (fields.length === 1 && /@(?:id|unique)\b/.test(single)),
    },
  ]
}
