import { createHash } from 'node:crypto'
import type { Found, FoundKind, Usage } from '@/server/connectors/contract'
import { kindOf } from '@/lib/resource-kinds/registry'
import { checkSpec } from '@/server/features/resources/resources.spec'

/** One thing as wall.sync_batch() takes it. */
export interface FoundRow {
  /** External id. */
  e: string
  /** Kind. */
  k: string
  /** Name. */
  n: string
  /** External id of what it stands in. */
  p: string | null
  /** Fields. */
  s: object
  /** Status. */
  t: string
  /** Facts. */
  f: object
  /** Links. */
  l: object | null
  /** Hash of all but the state. */
  h: string
  /** Hash of the state. */
  g: string
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu
/** A text of the cloud's as people may see it: one line, bounded (attack I10). */
export const printable = (text: unknown, max: number): string =>
  typeof text === 'string'
    ? text
        .slice(0, max * 2)
        .replace(UNPRINTABLE, ' ')
        .trim()
        .slice(0, max)
        // half a character would be no text that the database takes
        .replace(/[\uD800-\uDBFF]$/, '')
    : ''

const MOST_FACTS = 50
const MOST_LINKS = 50
const HOUR = 3600

/** What a look has seen so far. */
export interface Look {
  seen: Map<string, FoundKind>
  /** When it began, in ms. */
  at: number
}
export const newLook = (at = Date.now()): Look => ({ seen: new Map(), at })

/** Hosts are there or not; what nobody knows of them is not there. */
function statusOf({ kind, status }: Found): string {
  if (kind !== 'host') return status
  return status === 'online' || status === 'running' ? 'online' : 'offline'
}

const figure = (n: number | undefined, digits: number): number | undefined =>
  n !== undefined && Number.isFinite(n) && n >= 0 ? Number(n.toPrecision(digits)) : undefined

/** Rounded, so that what hardly changed is not written again. */
const usageOf = (u: Usage = {}) => ({
  cpu: u.cpu === undefined ? undefined : figure(Math.round(u.cpu * 100) / 100, 3),
  memoryUsed: figure(u.memoryUsed, 3),
  memoryTotal: figure(u.memoryTotal, 15),
  diskUsed: figure(u.diskUsed, 3),
  diskTotal: figure(u.diskTotal, 15),
})

function factsOf(found: Found): Record<string, string> {
  const facts: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(found.facts ?? {}).slice(0, MOST_FACTS)) {
    const label = printable(name, 60)
    const text = printable(value, 500)
    if (label !== '' && text !== '') facts[label] = text
  }
  return facts
}

function linksOf(found: Found): Record<string, string[]> | null {
  const fields = kindOf(found.kind)?.fields ?? {}
  const links = Object.entries(found.links ?? {})
    .filter(([field]) => Object.hasOwn(fields, field) && fields[field]?.type === 'ref')
    .map(([field, ids]) => [field, ids.filter((id) => id.length <= 300).slice(0, MOST_LINKS)] as const)
  return links.length === 0 ? null : Object.fromEntries(links)
}

/**
 * What it stands in. Within its own kind only what was seen before it in this look: so nothing ever stands in itself, however many looks
 * have told of it.
 */
function parentOf({ seen }: Look, found: Found): string | null {
  const { parent, kind } = found
  if (parent === undefined || parent.length > 300 || parent === found.externalId) return null
  const kinds = kindOf(kind)?.parent?.kinds ?? []
  if (kinds.length === 0 || (kinds.includes(kind) && !seen.has(parent))) return null
  return parent
}

const md5 = (value: unknown): string => createHash('md5').update(JSON.stringify(value)).digest('base64')

/** Reads one thing that a cloud tells of; null where it is not as it should be, or was told before: it is left out, and the rest goes on. */
export function readFound(look: Look, found: Found): FoundRow | null {
  const kind = kindOf(found.kind)
  const e = found.externalId
  const n = printable(found.name, 255)
  if (!kind || n === '' || e === '' || e.length > 300 || e !== printable(e, 300) || look.seen.has(e))
    return null
  const p = parentOf(look, found)
  look.seen.set(e, found.kind)
  const { spec: s, fields } = checkSpec(kind, found.spec)
  for (const name of Object.keys(fields)) delete s[name]
  const l = linksOf(found)
  const usage = usageOf(found.usage)
  const facts = factsOf(found)
  const t = statusOf(found)
  const uptime = figure(found.usage?.uptime, 15)
  const since = uptime === undefined ? undefined : new Date(look.at - uptime * 1000).toISOString()
  return {
    e,
    k: found.kind,
    n,
    p,
    s,
    t,
    // Which fields are the cloud's: a person does not change those here.
    f: { usage: { ...usage, since }, told: facts, fields: Object.keys(s) },
    l,
    h: md5([found.kind, n, p, s, l]),
    g: md5([t, usage, facts, Object.keys(s), uptime === undefined ? null : Math.floor(uptime / HOUR)]),
  }
}
