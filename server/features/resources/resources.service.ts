import type { z } from 'zod'
import { kindOf, KINDS } from '@/lib/resource-kinds/registry'
import type { ResourceKind } from '@/lib/resource-kinds/kind'
import { mayCreate } from '@/server/authz/reach'
import { relationOf } from '@/server/authz/relation'
import { viewerOf } from '@/server/authz/sight'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { invalidField, notFound } from '@/server/platform/errors'
import { COUNT_CAP, totals } from '@/server/platform/page-schema'
import * as links from './resource-links.repo'
import {
  countResources,
  hasOnePlan,
  listResources,
  type ResourceQuery,
  type ResourceRow,
} from './resource-list.repo'
import { abilities, mayHandOut, mayMake } from './resources.policy'
import * as repo from './resources.repo'
import type { ResourceDetail, ResourceList, resourceListInput } from './resources.schema'
import { toDetail, toRow } from './resources.view'

const ATTACHED = 100
const OPTIONS = 50
const FOUND = 20
const LOOK_ONLY = 'Your provider lets you see what is in this cloud, but not use it'
const NOT_OURS = 'It is not this tenant’s to use: nothing of yours can stand in it'
const NO_MAKING = 'Your roles do not let you make this here'
const NO_TENANT = '00000000-0000-0000-0000-000000000000'

/** The descriptor of a kind that the schema has let through. */
export function descriptorOf(kind: string): ResourceKind {
  const found = kindOf(kind)
  if (!found) throw invalidField('kind', 'Unknown kind')
  return found
}

/**
 * Which tenant uses a thing is the master's to know: another one asks about itself only, and elsewhere finds nothing, also of
 * what is granted to it and used by a third.
 */
export const assignedTo = (op: SignedInOp, id: string | undefined): string | undefined =>
  id === undefined || op.tenant.isMaster || id === op.tenant.id ? id : NO_TENANT

/** Resources of a kind that the person sees, a page at a time (PRODUCT rules 1 and 2). @throws AppError for a cursor of another list */
export async function listOfKind(
  op: SignedInOp,
  input: z.output<typeof resourceListInput>,
): Promise<ResourceList> {
  const { cursor, limit, tenantId, ...filter } = input
  const asked = { ...filter, counted: true, assignedTo: assignedTo(op, tenantId) }
  const viewer = viewerOf(op)
  const { rows, query, scope } = await inTenant(
    op,
    async (tx) => {
      const first: ResourceQuery = { ...asked, position: null, limit }
      const tooMany = asked.sort !== 'name' && (await countResources(tx, viewer, first)) > COUNT_CAP
      const sort = tooMany ? 'name' : asked.sort
      const scope = `resources:${JSON.stringify({ ...asked, sort })}`
      const query: ResourceQuery = { ...asked, sort, limit, position: readPosition(op, scope, cursor) }
      return { rows: await listResources(tx, viewer, query), query, scope }
    },
    { keepPlans: hasOnePlan(limit) },
  )
  const { from, numberOf } = numbered(query.position, Math.min(rows.length, limit))
  const cursorOf = (row: ResourceRow, toBack: boolean) => [
    ...(query.sort === 'name' ? [row.kind, row.name, row.id] : [row.sortKey, row.id]),
    numberOf(toBack),
  ]
  const page = pageOf(op, scope, rows, limit, query.position, cursorOf)
  return {
    ...page,
    rows: page.rows.map((row) => toRow(op, row)),
    from,
    ...totals(Number(rows[0]?.total ?? 0)),
    sortedBy: query.sort === 'created' ? 'created' : 'name',
    can: mayWith(op, input.kind),
  }
}

/** What the person may do with a kind as a whole, with the reason where not. */
export const mayWith = (op: SignedInOp, kind: string): ResourceList['can'] => ({
  create: mayMake(op, kind),
  assign: mayHandOut(op, kind),
})

/** Resources of any kind that the person sees, by kind and name, a page at a time. @param list its name, for cursors @throws AppError for a cursor of another list */
export async function pageOfAll(
  op: SignedInOp,
  list: string,
  {
    cursor,
    limit,
    ...filter
  }: Pick<ResourceQuery, 'kind' | 'cloudId' | 'search' | 'differing' | 'limit'> & { cursor?: string },
) {
  const scope = `${list}:${JSON.stringify(filter)}`
  const position = readPosition(op, scope, cursor)
  const query: ResourceQuery = { ...filter, sort: 'name', desc: false, counted: true, limit, position }
  const keepPlans = hasOnePlan(limit)
  const rows = await inTenant(op, (tx) => listResources(tx, viewerOf(op), query), { keepPlans })
  const page = pageOf(op, scope, rows, limit, position, (row) => [row.kind, row.name, row.id])
  return { ...page, ...totals(Number(rows[0]?.total ?? 0)) }
}

/** Resources of any kind by these ids, each once, with what this person may do with them. @throws AppError not_found when one is not seen */
export async function findWithAbilities(tx: Tx, op: SignedInOp, ids: readonly string[]) {
  const unique = [...new Set(ids)]
  const rows = await repo.findResources(tx, viewerOf(op), unique)
  if (rows.length !== unique.length) throw notFound()
  return rows.map((row) => ({
    row,
    can: abilities(op, row),
    canHere: abilities(op, { ...row, assignedId: op.tenant.id }),
  }))
}

/** One resource of a kind that the person sees. @throws AppError not_found, the same for a foreign id and for one that never was */
export async function findOne(
  tx: Tx,
  op: SignedInOp,
  kind: string,
  id: string,
): Promise<repo.ResourceRecord> {
  const [row] = await repo.findResources(tx, viewerOf(op), [id])
  if (row?.kind !== kind) throw notFound()
  return row
}

/**
 * Resources of a kind by these ids, each once. @throws AppError not_found when one is not seen
 */
export async function findAll(
  tx: Tx,
  op: SignedInOp,
  kind: string,
  ids: readonly string[],
): Promise<repo.ResourceRecord[]> {
  const unique = [...new Set(ids)]
  const rows = (await repo.findResources(tx, viewerOf(op), unique)).filter((row) => row.kind === kind)
  if (rows.length !== unique.length) throw notFound()
  return rows
}

export type Resource = repo.ResourceRecord

/** Resources of any kinds by these ids, each once. @throws AppError not_found when one is not seen */
export async function findSeen(
  tx: Tx,
  op: SignedInOp,
  ids: readonly string[],
): Promise<repo.ResourceRecord[]> {
  const unique = [...new Set(ids)]
  const rows = await repo.findResources(tx, viewerOf(op), unique)
  if (rows.length !== unique.length) throw notFound()
  return rows
}

/** The acting tenant's own tags on a resource that the person sees. */
export const tagsOn = (tx: Tx, op: SignedInOp, id: string): Promise<string[]> =>
  repo.tagsOf(tx, op.tenant.id, id)

/** What a resource refers to, for features that follow a reference. */
export const linksFrom = (tx: Tx, op: SignedInOp, id: string) => links.linksOf(tx, viewerOf(op), id)

/** A resource with what it refers to and what is attached. @throws AppError not_found */
export function getOne(op: SignedInOp, kind: string, id: string): Promise<ResourceDetail> {
  return inTenant(op, async (tx) => {
    const row = await findOne(tx, op, kind, id)
    const viewer = viewerOf(op)
    return toDetail(
      op,
      row,
      await links.linksOf(tx, viewer, id),
      await links.attachedTo(tx, viewer, id, ATTACHED),
      await tagsOn(tx, op, id),
    )
  })
}

/** What a reference field of a kind's form (or `parent`, `cloud`) may name, by a part of its name. @throws AppError 400 for a field that is none */
export async function optionsOf(op: SignedInOp, kind: string, field: string, search: string) {
  const kinds = kindsOfField(descriptorOf(kind), field)
  const viewer = viewerOf(op)
  const { found, usable } = await inTenant(op, async (tx) => {
    const lists: ResourceRow[] = []
    for (const one of kinds)
      lists.push(
        ...(await listResources(tx, viewer, {
          kind: one,
          search,
          sort: 'name',
          desc: false,
          position: null,
          limit: OPTIONS,
          counted: false,
        })),
      )
    return { found: lists, usable: new Set(await links.usableClouds(tx)) }
  })
  return {
    rows: found.slice(0, OPTIONS).map((row) => ({
      id: row.id,
      kind: row.kind,
      name: row.name,
      tenant: field === 'cloud' ? (toRow(op, row).assignedTenant ?? undefined) : undefined,
      why: whyNotRefer(op, row, usable, field) ?? whyNotStand(op, kind, row, field) ?? undefined,
    })),
  }
}

/** Why a thing that is seen may not be referred to (PRODUCT rules 2 and 5); null: it may. */
function whyNotRefer(
  op: SignedInOp,
  row: ResourceRow,
  usable: ReadonlySet<string>,
  field: string,
): string | null {
  const relation = relationOf(op.tenant.id, row)
  if (relation === 'owner')
    // What the master adds to a cloud that it assigned away goes where the cloud went (rule 4).
    return row.assignedId === op.tenant.id || field === 'cloud'
      ? null
      : 'Assigned to another tenant, which uses it'
  return relation !== 'public' || row.cloudId === null || usable.has(row.cloudId) ? null : LOOK_ONLY
}

/** Why nothing of this kind may stand in a thing that is seen (wall.ctx_may_place, and the person's own reach); null: it may. */
function whyNotStand(op: SignedInOp, kind: string, row: ResourceRow, field: string): string | null {
  if (field !== 'cloud' && field !== 'parent') return null
  const relation = relationOf(op.tenant.id, row)
  if (relation === 'granted' || (relation === 'public' && field === 'parent')) return NOT_OURS
  return field === 'cloud' && !mayCreate(op.reach, kind, row.id) ? NO_MAKING : null
}

/** Kinds that a field refers to. @throws AppError 400 */
function kindsOfField(kind: ResourceKind, field: string): readonly string[] {
  if (field === 'cloud' && kind.inCloud) return ['cloud']
  if (field === 'parent' && kind.parent) return kind.parent.kinds
  const found = Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined
  if (found?.type !== 'ref') throw invalidField('field', 'This field refers to nothing')
  return found.kinds
}

/** Everything the person sees whose name has this text, of all kinds that they may look at: for the palette. */
export async function search(op: SignedInOp, text: string) {
  const viewer = viewerOf(op)
  const kinds = KINDS.filter(({ permission }) => can(op, permission, 'read')).map(({ kind }) => kind)
  const rows = await inTenant(
    op,
    (tx) =>
      listResources(tx, viewer, {
        search: text,
        sort: 'name',
        desc: false,
        position: null,
        limit: FOUND,
        counted: false,
      }),
    { keepPlans: hasOnePlan(FOUND) },
  )
  return {
    rows: rows
      .filter((row) => kinds.includes(row.kind))
      .slice(0, FOUND)
      .map(({ id, kind, name }) => ({ id, kind, name })),
  }
}

/** Which of these resources the person sees. */
export const seenWithin = (tx: Tx, op: SignedInOp, ids: readonly string[]): Promise<string[]> =>
  repo.visibleIds(tx, viewerOf(op), ids)

/** Which of these resources the operation sees now: what a live page may be told of. */
export function seenNow(op: SignedInOp, ids: readonly string[]): Promise<string[]> {
  return inTenant(op, (tx) => seenWithin(tx, op, ids))
}

/** Who uses what the owner adds to this cloud (rule 4). */
export const bornIn = repo.bornIn
