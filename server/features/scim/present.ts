import { type Kind, SCHEMA } from './attributes'
import { isObject, type Json } from './body'

/** A resource as the database tells it. */
export interface Stored extends Json {
  id: string
  externalId: string | null
  version: string
  meta: { created: string; lastModified: string }
}

const PLURAL: Record<Kind, string> = { user: 'Users', group: 'Groups' }
const TYPE: Record<Kind, string> = { user: 'User', group: 'Group' }

export const locationOf = (base: string, kind: Kind, id: string): string => `${base}/${PLURAL[kind]}/${id}`
export const etagOf = ({ version }: Stored): string => `W/"${version}"`

const withRefs = (base: string, kind: Kind, list: unknown): unknown =>
  Array.isArray(list)
    ? list.map((one: Json) => ({
        ...one,
        $ref: locationOf(base, kind, String(one.value)),
        type: kind === 'user' ? 'User' : 'direct',
      }))
    : undefined

/** A resource as it is answered (RFC 7643, 4). @param base address of /scim/v2 on the tenant's host */
export function resourceOf(base: string, kind: Kind, stored: Stored): Json {
  const { version: _version, externalId, meta, members, groups, ...rest } = stored
  return {
    schemas: [SCHEMA[kind]],
    ...rest,
    ...(externalId !== null && { externalId }),
    ...(members !== undefined && { members: withRefs(base, 'user', members) }),
    ...(groups !== undefined && { groups: withRefs(base, 'group', groups) }),
    meta: {
      resourceType: TYPE[kind],
      ...meta,
      location: locationOf(base, kind, stored.id),
      version: etagOf(stored),
    },
  }
}

/** Which attributes are asked for. */
export interface Wanted {
  only: string[]
  without: string[]
}

/** Always there (RFC 7643, 3.1). */
const ALWAYS = new Set(['schemas', 'id'])

const namesIn = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/, ''),
    )
    .filter((name) => name !== '')

export const wantedIn = (query: URLSearchParams): Wanted => ({
  only: namesIn(query.get('attributes')),
  without: namesIn(query.get('excludedAttributes')),
})

/** Part of a value: of an object, or of each of a list. */
function partOf(value: unknown, keep: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => partOf(one, keep))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => keep(name.toLowerCase())))
}

/** What was asked for of a resource (RFC 7644, 3.9). */
export function project(resource: Json, { only, without }: Wanted): Json {
  const entries = Object.entries(resource).flatMap(([key, value]): [string, unknown][] => {
    const name = key.toLowerCase()
    if (ALWAYS.has(name)) return [[key, value]]
    if (only.length > 0) {
      if (only.includes(name)) return [[key, value]]
      const parts = only.filter((one) => one.startsWith(`${name}.`)).map((one) => one.slice(name.length + 1))
      return parts.length > 0 ? [[key, partOf(value, (part) => parts.includes(part))]] : []
    }
    if (without.includes(name)) return []
    const gone = without.filter((one) => one.startsWith(`${name}.`)).map((one) => one.slice(name.length + 1))
    return [[key, gone.length > 0 ? partOf(value, (part) => !gone.includes(part)) : value]]
  })
  return Object.fromEntries(entries)
}
