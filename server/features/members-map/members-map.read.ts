import { KINDS, kindOf } from '@/lib/resource-kinds/registry'
import type { ResourceKind } from '@/lib/resource-kinds/kind'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import type { Tx } from '@/server/db/scope'
import { invalidField } from '@/server/platform/errors'
import * as repo from './members-map.repo'
import type { MembersMap } from './members-map.schema'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Types of a map and the kinds that they stand for. */
export const TYPES = KINDS.filter(({ canBeGranted }) => canBeGranted)

export const typeOf = (kind: string): string => kindOf(kind)?.member ?? kind
export const isId = (text: string): boolean => UUID.test(text)

/** What a map asks for, of one kind. */
export interface Wanted {
  kind: ResourceKind
  all: boolean
  ids: string[]
}

/**
 * A map read: every type known and every item found.
 * @throws AppError 400 that names the type that is none, or the item that is not there or not one alone
 */
export async function readMap(tx: Tx, op: SignedInOp, map: MembersMap): Promise<Wanted[]> {
  const wanted: Wanted[] = []
  for (const [type, items] of Object.entries(map)) {
    const kind = TYPES.find(({ member }) => member === type)
    if (!kind) throw invalidField('map', `${type} is not a type`)
    const all = items.includes('*')
    wanted.push({ kind, all, ids: all ? [] : await readItems(tx, op, kind, items) })
  }
  return wanted
}

async function readItems(
  tx: Tx,
  op: SignedInOp,
  kind: ResourceKind,
  items: readonly string[],
): Promise<string[]> {
  if (items.length === 0) return []
  const found = await repo.findNamed(tx, viewerOf(op), kind.kind, items)
  const ids = items.map((item) => {
    const byId = isId(item) ? found.filter(({ id }) => id === item.toLowerCase()) : []
    const fit = byId.length > 0 ? byId : found.filter(({ name }) => name === item)
    const [one, ...more] = fit
    if (!one) throw invalidField('map', `${kind.member}: ${item} is not there`)
    if (more.length > 0)
      throw invalidField('map', `${kind.member}: several are called ${item}; name it by its id`)
    return one.id
  })
  return [...new Set(ids)]
}
