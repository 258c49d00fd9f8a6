import { z } from 'zod'
import { attributeName, READ_ONLY } from './attributes'
import { field, isObject, type Json, type Operation } from './body'
import { type Filter, parseFilter } from './filter'
import { badFilter, badPath, badValue, ScimError } from './scim-error'
import { externalIdOf, lineOf } from './texts'

/** What is done to the members, one after the other. `remove` of nobody named: of none; `replace` by nobody: all go. */
export interface MemberStep {
  op: 'add' | 'remove' | 'replace'
  ids: string[]
}

/** What changes of a group; a name that is not there stays. */
export interface GroupChange {
  group: { displayName?: string; externalId?: string | null }
  members: MemberStep[]
}

const uuid = z.uuid()

/** @throws ScimError 400 */
function nameOf(value: unknown): string {
  const name = lineOf(value, 'displayName', 200)
  if (name === '') throw badValue('displayName is needed')
  return name
}

/** Ids of members: `[{value}]`, one of them, or a text. Who is to join is one of ours; groups in groups are not kept. @throws ScimError 400 */
function idsOf(value: unknown, op: MemberStep['op']): string[] {
  const list: unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  const ids = list.map((one) => {
    const id = isObject(one) ? field(one, 'value') : one
    if (typeof id !== 'string') throw badValue('A member is {"value": id}')
    return id.toLowerCase()
  })
  const known = ids.filter((id) => uuid.safeParse(id).success)
  if (op !== 'remove' && known.length < ids.length) throw noMember()
  return known
}

/** The same for whoever is none of this connection and for an id that never was. */
export const noMember = () => badValue('A member is somebody whom this connection provisions')

/** Ids that `members[value eq "id" or value eq "id"]` names. @throws ScimError 400 invalidFilter */
function namedBy(filter: Filter): string[] {
  if (filter.op === 'any') return namedBy(filter.of)
  if (filter.op === 'or') return filter.of.flatMap(namedBy)
  if (filter.op === 'eq' && filter.path[0] === 'value' && typeof filter.value === 'string')
    return [filter.value]
  throw badFilter('Members are named by members[value eq "id"]')
}

const MEMBERS = /^members\[.*\]$/is

function step(now: GroupChange, { op, path, value }: Operation & { path: string }): GroupChange {
  const name = attributeName('group', path.trim())
  if (name === null) return now
  if (MEMBERS.test(name)) {
    if (op !== 'remove') throw badPath('Members are added by the path members')
    const ids = idsOf(
      namedBy(parseFilter('group', path.trim().slice(path.trim().toLowerCase().indexOf('members[')))),
      op,
    )
    return { ...now, members: [...now.members, { op, ids }] }
  }
  if (name === 'members') {
    // Entra ID names whom it removes in the value; without one all go.
    const all = op === 'remove' && (value === undefined || value === null)
    const next: MemberStep = all ? { op: 'replace', ids: [] } : { op, ids: idsOf(value, op) }
    return { ...now, members: [...now.members, next] }
  }
  if (name === 'displayname') {
    if (op === 'remove') throw new ScimError(400, 'mutability', 'displayName cannot be removed')
    return { ...now, group: { ...now.group, displayName: nameOf(value) } }
  }
  if (name === 'externalid')
    return { ...now, group: { ...now.group, externalId: op === 'remove' ? null : externalIdOf(value) } }
  if (READ_ONLY.has(name)) throw new ScimError(400, 'mutability', `${path} is not yours to change`)
  throw badPath(`There is no ${path}`)
}

const NOTHING: GroupChange = { group: {}, members: [] }

/** What a PATCH does to a group (RFC 7644, 3.5.2). @throws ScimError 400 */
export function patchGroup(operations: readonly Operation[]): GroupChange {
  return operations.reduce((now, operation) => {
    const { op, path, value } = operation
    if (path !== null) return step(now, { ...operation, path })
    if (!isObject(value)) throw badValue('Without a path the value is an object')
    return Object.entries(value)
      .filter(([name]) => !READ_ONLY.has(name.toLowerCase()))
      .reduce((next, [name, one]) => step(next, { op, path: name, value: one }), now)
  }, NOTHING)
}

/** A group as a body has it; a PUT without members leaves them. @throws ScimError 400 */
export function groupFrom(body: Json): GroupChange {
  const external = field(body, 'externalId')
  const members = field(body, 'members')
  return {
    group: {
      displayName: nameOf(field(body, 'displayName')),
      ...(external !== undefined && { externalId: externalIdOf(external) }),
    },
    members: members === undefined ? [] : [{ op: 'replace', ids: idsOf(members, 'replace') }],
  }
}
