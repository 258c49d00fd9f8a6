import { systemValue } from '@/server/db/system'
import { randomToken } from '@/server/platform/crypto'
import { hashPassword } from '@/server/platform/password'
import type { Kind } from './attributes'
import { exactOf, type Filter } from './filter'
import { type GroupChange, noMember } from './group'
import type { Person } from './person'
import type { Stored } from './present'
import { ScimError } from './scim-error'
import { isId } from './texts'

/** Whoever holds a connection's token, on its tenant's host. */
export interface Caller {
  tokenHash: Buffer
  slug: string
  ip: string
  requestId: string
}

type Opened = { code: 'ok'; id: string; tenantId: string } | { code: 'suspended' } | { code: 'unknown' }

/** Asks who a token is, and notes that it was used. */
export const openConnection = ({ tokenHash, slug }: Pick<Caller, 'tokenHash' | 'slug'>): Promise<Opened> =>
  systemValue<Opened, 'scim_open'>('scim_open', [tokenHash, slug])

/** The token ended while the request was under way. */
const ended = () => new ScimError(401, undefined, 'The token is not valid')
/** The same for whom another connection, an administrator or nobody made (PRODUCT rule 1). */
export const missing = (id: string) => new ScimError(404, undefined, `There is no ${id.slice(0, 100)} here`)

type Refused =
  'unknown' | 'missing' | 'stale' | 'taken' | 'external_taken' | 'last_owner' | 'owner' | 'no_member'

function refusal(code: Refused, kind: Kind, id: string | null): ScimError {
  switch (code) {
    case 'unknown':
      return ended()
    case 'missing':
      return missing(id ?? '')
    case 'stale':
      return new ScimError(412, undefined, 'It was changed since this version. Load it again.')
    case 'taken':
      return new ScimError(
        409,
        'uniqueness',
        kind === 'user' ? 'This userName is taken in this tenant' : 'There is a group with this displayName',
      )
    case 'external_taken':
      return new ScimError(409, 'uniqueness', 'This externalId is somebody else’s')
    case 'last_owner':
      return new ScimError(
        409,
        undefined,
        'This is the last owner of the tenant, who is neither disabled nor deleted. Give somebody else that role first.',
      )
    case 'owner':
      return new ScimError(
        409,
        'mutability',
        'An administrator made this person an owner: a directory does not change their e-mail address or externalId, nor disable or delete them. Take that role from them in the console first.',
      )
    case 'no_member':
      return noMember()
  }
}

export interface Page {
  total: number
  rows: Stored[]
}

/** A page of what the connection provisioned. @param start from 1 @param members groups with who is in them @throws ScimError 401 */
export async function list(
  caller: Caller,
  kind: Kind,
  ask: { filter: Filter | null; start: number; count: number; members: boolean },
): Promise<Page> {
  const { filter, start, count, members } = ask
  const what = filter === null ? {} : { filter, exact: exactOf(filter) }
  const page = await systemValue<Page | null, 'scim_list'>('scim_list', [
    caller.tokenHash,
    caller.slug,
    kind,
    what,
    start,
    count,
    members,
  ])
  if (page === null) throw ended()
  return page
}

/** @throws ScimError 404, 401 */
export async function find(caller: Caller, kind: Kind, id: string, members = true): Promise<Stored> {
  if (!isId(id)) throw missing(id)
  const filter: Filter = { op: 'eq', path: ['id'], value: id.toLowerCase(), exact: true }
  const { rows } = await list(caller, kind, { filter, start: 1, count: 1, members })
  if (!rows[0]) throw missing(id)
  return rows[0]
}

let nobodys: Promise<string> | undefined
/** The hash of a password that nobody has: a reset link changes it, and nothing else opens it. */
const nobodysPassword = (): Promise<string> =>
  (nobodys ??= hashPassword(randomToken('')).catch((error: unknown) => {
    nobodys = undefined // the next one tries anew
    throw error
  }))

type Answer<What extends string> = { code: 'ok' } & Record<What, Stored> extends infer Ok
  ? Ok | { code: Refused }
  : never

/** Makes or changes somebody. @param id null: a new one @param match version that it must have @throws ScimError 400, 401, 404, 409, 412 */
export async function putPerson(
  caller: Caller,
  id: string | null,
  person: Person,
  match: string | null,
): Promise<Stored> {
  const { tokenHash, slug, ip, requestId } = caller
  const hash = id === null ? await nobodysPassword() : ''
  const answer = await systemValue<Answer<'user'>, 'scim_user_put'>('scim_user_put', [
    tokenHash,
    slug,
    id,
    person,
    match,
    hash,
    ip,
    requestId,
  ])
  if (answer.code !== 'ok') throw refusal(answer.code, 'user', id)
  return answer.user
}

/** Makes or changes a group; roles follow. @param id null: a new one @throws ScimError 400, 401, 404, 409, 412 */
export async function putGroup(
  caller: Caller,
  id: string | null,
  { group, members }: GroupChange,
  match: string | null,
): Promise<Stored> {
  if (id !== null && !isId(id)) throw missing(id)
  const { tokenHash, slug, ip, requestId } = caller
  const answer = await systemValue<Answer<'group'>, 'scim_group_put'>('scim_group_put', [
    tokenHash,
    slug,
    id,
    group,
    JSON.stringify(members),
    match,
    ip,
    requestId,
  ])
  if (answer.code !== 'ok') throw refusal(answer.code, 'group', id)
  return answer.group
}

/** Deletes somebody or a group. @throws ScimError 401, 404, 409, 412 */
export async function remove(caller: Caller, kind: Kind, id: string, match: string | null): Promise<void> {
  if (!isId(id)) throw missing(id)
  const { tokenHash, slug, ip, requestId } = caller
  const { code } = await systemValue<{ code: 'ok' | Refused }, 'scim_delete'>('scim_delete', [
    tokenHash,
    slug,
    kind,
    id,
    match,
    ip,
    requestId,
  ])
  if (code !== 'ok') throw refusal(code, kind, id)
}
