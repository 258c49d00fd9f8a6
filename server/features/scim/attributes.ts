/** How an attribute is compared: `text` without regard to case, `exact` with it. */
type AttributeType = 'text' | 'exact' | 'boolean' | 'time'

/** An attribute that can be asked for: its path in the resource; `list`: the path of the list whose elements have it. */
export interface Attribute {
  path: readonly string[]
  type: AttributeType
  list?: string
}

const one = (type: AttributeType, ...path: string[]): Attribute => ({ path, type })
const of = (list: string, name: string, type: AttributeType = 'text'): Attribute => ({
  list,
  path: [name],
  type,
})

const COMMON: Attribute[] = [
  one('exact', 'id'),
  one('exact', 'externalId'),
  one('text', 'displayName'),
  one('time', 'meta', 'created'),
  one('time', 'meta', 'lastModified'),
]

const byName = (list: readonly Attribute[]): ReadonlyMap<string, Attribute> =>
  new Map(
    list.map((a) => [(a.list === undefined ? a.path.join('.') : `${a.list}.${a.path[0]}`).toLowerCase(), a]),
  )

export type Kind = 'user' | 'group'

/** What a filter may ask, by its name in lower case (attribute names have no case, RFC 7643, 2.1). */
export const ATTRIBUTES: Record<Kind, ReadonlyMap<string, Attribute>> = {
  user: byName([
    ...COMMON,
    one('text', 'userName'),
    one('boolean', 'active'),
    one('text', 'name', 'givenName'),
    one('text', 'name', 'familyName'),
    one('text', 'name', 'formatted'),
    of('emails', 'value'),
    of('emails', 'type'),
    of('emails', 'primary', 'boolean'),
    of('groups', 'value', 'exact'),
    of('groups', 'display'),
  ]),
  group: byName([...COMMON, of('members', 'value', 'exact'), of('members', 'display')]),
}

export const SCHEMA: Record<Kind, string> = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
}
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user'

/** The name of an attribute in lower case, without the URN of its schema; null: of an extension, which is not kept. */
export function attributeName(kind: Kind, written: string): string | null {
  const name = written.toLowerCase()
  const core = `${SCHEMA[kind].toLowerCase()}:`
  if (name.startsWith(core)) return name.slice(core.length)
  return name === ENTERPRISE || name.startsWith(`${ENTERPRISE}:`) || name.startsWith(`${ENTERPRISE}.`)
    ? null
    : name
}

/** Core attributes of people that are taken and not kept: a directory may send what it likes (RFC 7644, 3.3). */
export const NOT_KEPT: ReadonlySet<string> = new Set(
  [
    'displayName',
    'nickName',
    'profileUrl',
    'title',
    'userType',
    'preferredLanguage',
    'locale',
    'timezone',
    'password',
    'phoneNumbers',
    'ims',
    'photos',
    'addresses',
    'entitlements',
    'roles',
    'x509Certificates',
    'name.middleName',
    'name.honorificPrefix',
    'name.honorificSuffix',
  ].map((name) => name.toLowerCase()),
)
/** What only we say. */
export const READ_ONLY: ReadonlySet<string> = new Set(['id', 'meta', 'groups', 'schemas'])
