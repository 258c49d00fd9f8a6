import { OF_DIRECTORY } from '@/lib/from-anywhere'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import type { IdKind } from '@/server/rpc/declaration'
import { type Kind, SCHEMA } from './attributes'
import { type Json, readBody, readOperations } from './body'
import { assertMayGrow, baseOf, callerOf } from './caller'
import { listOf, PAGE_MAX, resourceType, schemaOf, serviceProviderConfig } from './discovery'
import { parseFilter } from './filter'
import { groupFrom, patchGroup } from './group'
import { patchPerson, type Person, personFrom } from './person'
import { etagOf, locationOf, project, resourceOf, type Stored, type Wanted, wantedIn } from './present'
import * as scim from './scim.service'
import { inSlot } from './slots'
import { badValue, SCIM_JSON, ScimError, scimErrorResponse } from './scim-error'

type Answer = (call: RouteCall, caller: scim.Caller) => Promise<Response>

const PAGE = 100
const BODY_BYTES = 1_000_000
/** A PATCH without If-Match that meets another one at the same moment. */
const TRIES = 5

const json = (body: Json, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': SCIM_JSON, 'cache-control': 'no-store', ...headers },
  })

const queryOf = ({ request }: RouteCall): URLSearchParams => new URL(request.url).searchParams
const idOf = ({ params }: RouteCall): string => params.id ?? ''

function answerWith(caller: scim.Caller, kind: Kind, stored: Stored, wanted: Wanted, status = 200): Response {
  const base = baseOf(caller)
  const headers = { etag: etagOf(stored), location: locationOf(base, kind, stored.id) }
  return json(project(resourceOf(base, kind, stored), wanted), status, headers)
}

/** The version that a change asks for; null: any. */
function matchOf({ request }: RouteCall): string | null {
  const sent = request.headers.get('if-match')?.trim()
  return !sent || sent === '*' ? null : (/^(?:W\/)?"([^"]*)"/.exec(sent)?.[1] ?? sent)
}

/** @throws ScimError 400 invalidValue */
function wholeNumber(text: string | null, name: string, otherwise: number): number {
  if (text === null || text === '') return otherwise
  if (!/^-?\d{1,9}$/.test(text)) throw badValue(`${name} is a whole number`)
  return Number(text)
}

const withMembers = ({ only, without }: Wanted): boolean =>
  !without.includes('members') &&
  (only.length === 0 || only.some((name) => name === 'members' || name.startsWith('members.')))

const list =
  (kind: Kind): Answer =>
  async (call, caller) => {
    const query = queryOf(call)
    const text = query.get('filter')
    const filter = text === null || text.trim() === '' ? null : parseFilter(kind, text)
    const start = Math.max(1, wholeNumber(query.get('startIndex'), 'startIndex', 1))
    const count = Math.min(PAGE_MAX, Math.max(0, wholeNumber(query.get('count'), 'count', PAGE)))
    const wanted = wantedIn(query)
    const page = await scim.list(caller, kind, { filter, start, count, members: withMembers(wanted) })
    const base = baseOf(caller)
    const rows = page.rows.map((row) => project(resourceOf(base, kind, row), wanted))
    return json(listOf(rows, page.total, start))
  }

const get =
  (kind: Kind): Answer =>
  async (call, caller) => {
    const wanted = wantedIn(queryOf(call))
    const stored = await scim.find(caller, kind, idOf(call), withMembers(wanted))
    const known = call.request.headers.get('if-none-match')
    if (known !== null && known.includes(etagOf(stored)))
      return new Response(null, { status: 304, headers: { etag: etagOf(stored) } })
    return answerWith(caller, kind, stored, wanted)
  }

const remove =
  (kind: Kind): Answer =>
  async (call, caller) => {
    await scim.remove(caller, kind, idOf(call), matchOf(call))
    return new Response(null, { status: 204 })
  }

const createUser: Answer = async (call, caller) => {
  const person = personFrom(await readBody(call.request), null)
  assertMayGrow(call, caller)
  const made = await scim.putPerson(caller, null, person, null)
  return answerWith(caller, 'user', made, wantedIn(queryOf(call)), 201)
}

const personOf = (stored: Stored): Person => {
  const { userName, name, emails, externalId, active } = stored as Stored & {
    userName: string
    name: { givenName: string; familyName: string }
    emails: { value: string }[]
    active: boolean
  }
  const { givenName, familyName } = name
  return { userName, givenName, familyName, email: emails[0]?.value ?? '', externalId, active }
}

/** Reads, changes and writes somebody; what meets another change at the same moment is tried again, unless it named a version. */
async function changeUser(call: RouteCall, caller: scim.Caller, change: (now: Person) => Person) {
  const match = matchOf(call)
  for (let attempt = 1; ; attempt++) {
    const stored = await scim.find(caller, 'user', idOf(call))
    const now = personOf(stored)
    const next = change(now)
    if (next.active && !now.active) assertMayGrow(call, caller)
    try {
      const done = await scim.putPerson(caller, stored.id, next, match ?? stored.version)
      return answerWith(caller, 'user', done, wantedIn(queryOf(call)))
    } catch (error) {
      const met = error instanceof ScimError && error.status === 412 && match === null
      if (!met || attempt === TRIES) throw error
    }
  }
}

const putUser: Answer = async (call, caller) => {
  const body = await readBody(call.request)
  return changeUser(call, caller, (now) => personFrom(body, now))
}
const patchUser: Answer = async (call, caller) => {
  const operations = readOperations(await readBody(call.request))
  return changeUser(call, caller, (now) => patchPerson(now, operations))
}

const writeGroup =
  (status: number, read: (body: Json) => ReturnType<typeof groupFrom>): Answer =>
  async (call, caller) => {
    const change = read(await readBody(call.request))
    const id = status === 201 ? null : idOf(call)
    const stored = await scim.putGroup(caller, id, change, matchOf(call))
    return answerWith(caller, 'group', stored, wantedIn(queryOf(call)), status)
  }

const tell =
  (what: (base: string) => Json): Answer =>
  (_call, caller) =>
    Promise.resolve(json(what(baseOf(caller))))

const schema: Answer = (call, caller) => {
  const kind = (['user', 'group'] as const).find(
    (one) => SCHEMA[one].toLowerCase() === idOf(call).toLowerCase(),
  )
  if (!kind) throw scim.missing(idOf(call))
  return Promise.resolve(json(schemaOf(baseOf(caller), kind)))
}

const ROOT = '/scim/v2'
const IDS: Record<Kind, IdKind> = { user: 'user', group: 'scimGroup' }

function route(
  method: HttpRoute['method'],
  path: string,
  answer: Answer,
  { name, summary, audit = 'none', id }: { name: string; summary: string; audit?: string; id?: IdKind },
): HttpRoute {
  return {
    name: `scim.${name}`,
    method,
    path: ROOT + path,
    declaration: {
      scope: 'scim',
      address: OF_DIRECTORY,
      audit,
      ...(id && { ids: { id } }),
      summary,
    },
    maxBody: method === 'GET' || method === 'DELETE' ? 0 : BODY_BYTES,
    handle: async (call) => {
      try {
        const caller = await callerOf(call)
        return await inSlot(caller.tokenHash.toString('hex'), () => answer(call, caller))
      } catch (error) {
        return scimErrorResponse(error, call.facts.requestId)
      }
    },
  }
}

function routesOf(
  kind: Kind,
  plural: string,
  words: string,
  write: Record<'create' | 'put' | 'patch', Answer>,
) {
  const audit = (what: string) => `scim.${kind}_${what}`
  const one = `/${plural}/:id`
  const at = (what: string) => `${plural.toLowerCase()}.${what}`
  return [
    route('GET', `/${plural}`, list(kind), {
      name: at('list'),
      summary: `${words} that the connection provisioned`,
    }),
    route('POST', `/${plural}`, write.create, {
      name: at('create'),
      summary: `Provision: ${words}`,
      audit: audit('create'),
    }),
    route('GET', one, get(kind), {
      name: at('get'),
      summary: `One of the ${words.toLowerCase()} that the connection provisioned`,
      id: IDS[kind],
    }),
    route('PUT', one, write.put, {
      name: at('put'),
      summary: `Replace: ${words}`,
      audit: audit('update'),
      id: IDS[kind],
    }),
    route('PATCH', one, write.patch, {
      name: at('patch'),
      summary: `Change: ${words}`,
      audit: audit('update'),
      id: IDS[kind],
    }),
    route('DELETE', one, remove(kind), {
      name: at('delete'),
      summary: `Delete: ${words}`,
      audit: audit('delete'),
      id: IDS[kind],
    }),
  ]
}

const about = (path: string, name: string, summary: string, what: (base: string) => Json) =>
  route('GET', path, tell(what), { name, summary })

/** SCIM 2.0 for the directory of a tenant (RFC 7644): its own bearer token, on the tenant's own host. */
export const scimRoutes: HttpRoute[] = [
  about('/ServiceProviderConfig', 'config', 'What SCIM can here', serviceProviderConfig),
  about('/ResourceTypes', 'types', 'Kinds of resources of SCIM', (base) =>
    listOf([resourceType(base, 'user'), resourceType(base, 'group')]),
  ),
  about('/ResourceTypes/User', 'types.user', 'The resource User', (base) => resourceType(base, 'user')),
  about('/ResourceTypes/Group', 'types.group', 'The resource Group', (base) => resourceType(base, 'group')),
  about('/Schemas', 'schemas', 'Attributes of SCIM resources', (base) =>
    listOf([schemaOf(base, 'user'), schemaOf(base, 'group')]),
  ),
  route('GET', '/Schemas/:id', schema, {
    name: 'schemas.get',
    summary: 'Attributes of one kind of resource',
    id: 'scimSchema',
  }),
  ...routesOf('user', 'Users', 'People', { create: createUser, put: putUser, patch: patchUser }),
  ...routesOf('group', 'Groups', 'Groups', {
    create: writeGroup(201, groupFrom),
    put: writeGroup(200, groupFrom),
    patch: writeGroup(200, (body) => patchGroup(readOperations(body))),
  }),
]
