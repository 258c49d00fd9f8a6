import Papa from 'papaparse'
import type { Field, KindView, ResourceKind } from './resource-kinds/kind'

/** So many rows an import takes at once: all of them, or none. */
export const MOST_IMPORTED = 1000
const MOST_COLUMNS = 100
/** Characters of one value. */
export const LONGEST_VALUE = 4000

/** A list of things as a file has it: texts by column. */
export interface InventoryTable {
  columns: string[]
  rows: string[][]
}

/** Names of fields by column; null: the column is left out. */
export type Mapping = (string | null)[]

/** One thing to import: its name and texts by field. */
export interface InventoryRow {
  name: string
  values: Record<string, string>
}

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(cell).join('; ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Said before the table is made: it has as many cells as rows times columns. */
function tooMuch(columns: number, rows: number): string | undefined {
  if (rows === 0) return 'The file names columns, but has no rows.'
  if (rows > MOST_IMPORTED) return `The file has ${rows} rows; ${MOST_IMPORTED} can be imported at once.`
  if (columns > MOST_COLUMNS) return `The file has more than ${MOST_COLUMNS} columns.`
}

/** A JSON array of flat objects, also where it stands in the only field of an object (`{"machines": [...]}`). */
function readJson(text: string): InventoryTable | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'This is not valid JSON.'
  }
  if (value && typeof value === 'object' && !Array.isArray(value)) {
    const lists = Object.values(value).filter(Array.isArray)
    if (lists.length === 1) value = lists[0]
  }
  if (!Array.isArray(value) || !value.every((one) => one && typeof one === 'object' && !Array.isArray(one)))
    return 'The file has to hold a list of objects, such as [{"name": "web-01", "cores": 4}].'
  const objects = value as Record<string, unknown>[]
  const columns = [...new Set(objects.flatMap((one) => Object.keys(one)))]
  const why = tooMuch(columns.length, objects.length)
  if (why) return why
  return {
    columns,
    rows: objects.map((one) => columns.map((c) => (Object.hasOwn(one, c) ? cell(one[c]) : ''))),
  }
}

/** What separates the names of the first line: whatever of the usual stands there most often. */
function separatorOf(text: string): string {
  const head = /^[^\r\n]*/.exec(text)?.[0] ?? ''
  const count = (separator: string) => head.split(separator).length
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best))
}

function readCsv(text: string): InventoryTable | string {
  const { data, errors } = Papa.parse<string[]>(text, {
    delimiter: separatorOf(text),
    skipEmptyLines: 'greedy',
  })
  if (errors[0])
    return `Line ${(errors[0].row ?? 0) + 1} cannot be read: a quotation mark is missing or too many.`
  const [head = [], ...rows] = data
  const columns = head.map((name) => name.trim())
  const why = tooMuch(columns.length, rows.length)
  if (why) return why
  const long = rows.findIndex((row) => row.length > columns.length)
  if (long >= 0) return `Row ${long + 1} has more values than the first line has names.`
  return { columns, rows: rows.map((row) => columns.map((_, i) => row[i] ?? '')) }
}

/**
 * Reads an inventory: CSV whose first line names the columns (comma, semicolon or tab), or a JSON list of objects.
 * @returns the table, or what is wrong with it in words
 */
export function readInventory(text: string): InventoryTable | string {
  const bare = text.replace(/^\s+/, '') // a byte order mark is blank, too
  if (bare === '') return 'The file is empty.'
  return /^[[{]/.test(bare) ? readJson(bare) : readCsv(bare)
}

/** Why an inventory of a kind cannot be imported; undefined: it can. */
export function whyNotImported(
  kind: Pick<ResourceKind, 'kind' | 'plural' | 'canBeCreated' | 'fields'>,
): string | undefined {
  if (kind.kind === 'cloud') return 'Clouds are made one at a time'
  if (!kind.canBeCreated) return `${kind.plural} come by enrolment`
  const needed = Object.values(kind.fields).find((field) => field.type === 'ref' && field.required)
  return needed && `${needed.label} can only be chosen by hand`
}

/** What an import can fill: references to other things are set by hand. */
export const importable = (kind: Pick<KindView, 'fields'>): [string, Field][] =>
  Object.entries(kind.fields).filter(([, field]) => field.type !== 'ref')

/** The same word, however it is spelt: `Memory (GB)`, `memory_gb`. */
const bareWord = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[^a-z0-9]/g, '')

/** Other words for a field, as exports of other products have them. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  name: ['name', 'hostname', 'vm', 'vmname', 'displayname', 'servername', 'label'],
  cores: ['cores', 'cpu', 'cpus', 'vcpu', 'vcpus', 'numcpu', 'cpucores'],
  memory: ['memory', 'ram', 'mem', 'memorygb', 'ramgb', 'memorymb', 'memorysize'],
  disk: ['disk', 'disksize', 'storage', 'diskgb', 'capacity'],
  os: ['os', 'operatingsystem', 'guestos', 'osname'],
  addresses: ['addresses', 'ip', 'ips', 'ipaddress', 'ipaddresses', 'primaryip'],
  description: ['description', 'notes', 'note', 'comment', 'comments'],
}

/** Which field each column fills, as far as its name tells; each field once. */
export function guessMapping(columns: readonly string[], kind: Pick<KindView, 'fields'>): Mapping {
  const taken = new Set<string>()
  const words = new Map<string, string[]>([
    ['name', [...(SYNONYMS.name ?? [])]],
    ...importable(kind).map(([name, field]): [string, string[]] => [
      name,
      [bareWord(name), bareWord(field.label), ...(SYNONYMS[name] ?? [])],
    ]),
  ])
  return columns.map((column) => {
    const word = bareWord(column)
    const found = [...words].find(([name, known]) => !taken.has(name) && known.includes(word))?.[0]
    if (found) taken.add(found)
    return found ?? null
  })
}

/** The table's rows as things to import. Empty values are left out: they change nothing. */
export function rowsOf(table: InventoryTable, mapping: Mapping): InventoryRow[] {
  return table.rows.map((cells) => {
    const values: Record<string, string> = {}
    let name = ''
    mapping.forEach((field, i) => {
      const text = (cells[i] ?? '').trim()
      if (field === 'name') name = text
      else if (field !== null && text !== '') values[field] = text
    })
    return { name, values }
  })
}

const UNITS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

/** `16 GiB`, `16384 MB`, `16`: a bare number is GiB, as the forms have it. @returns bytes; null: it is no size */
export function bytesOf(text: string): number | null {
  const found = /^(\d{1,15}(?:[.,]\d{1,6})?)\s*(?:([kmgtp])(?:i?b)?|(b))?$/i.exec(text.trim())
  if (!found) return null
  const unit = (found[2] ?? found[3] ?? 'g').toLowerCase()
  return Math.round(Number(found[1]?.replace(',', '.')) * 1024 ** (UNITS[unit] ?? 0))
}

const YES = ['true', 'yes', 'y', '1', 'on']
const NO = ['false', 'no', 'n', '0', 'off']

function numberOf(text: string): number | string {
  const plain = /^-?\d{1,15}([.,]\d{1,6})?$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN
  return Number.isNaN(plain) ? text : plain
}

/** `a=b; c=d`. @returns null: it is not that */
function paramsOf(text: string): Record<string, string> | null {
  const pairs = text
    .split(/[;\n]/)
    .map((pair) => pair.trim())
    .filter(Boolean)
    .map((pair) => /^([^=]+)=(.*)$/s.exec(pair))
  if (!pairs.every((pair) => pair !== null)) return null
  return Object.fromEntries(pairs.map((pair) => [(pair[1] ?? '').trim(), (pair[2] ?? '').trim()]))
}

/**
 * A text of a file as the value of a field. What cannot be read stays the text, for the field's own check to refuse.
 * Sizes without a unit are GiB; several values are separated by semicolon, comma, blank or line.
 */
export function valueOf(field: Field, text: string): unknown {
  switch (field.type) {
    case 'number':
      return field.unit === 'bytes' ? (bytesOf(text) ?? text) : numberOf(text)
    case 'boolean': {
      const word = text.toLowerCase()
      return YES.includes(word) ? true : NO.includes(word) ? false : text
    }
    case 'choice': {
      const word = text.toLowerCase()
      return (
        field.options.find(({ value, label }) => [value.toLowerCase(), label.toLowerCase()].includes(word))
          ?.value ?? text
      )
    }
    case 'list':
      return text.split(/[;,\s]+/).filter(Boolean)
    case 'params':
      return paramsOf(text) ?? text
    default:
      return text
  }
}
