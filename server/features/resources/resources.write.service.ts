import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { mayCreate } from '@/server/authz/reach'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, type Tx, type WriteTx } from '@/server/db/scope'
import { sqlStateOf } from '@/server/platform/sql-state'
import { AppError, conflict, denied, invalidField } from '@/server/platform/errors'
import * as links from './resource-links.repo'
import { auditAccess, changeAccess, locksOfAccess } from './resources.access.service'
import { abilities } from './resources.policy'
import * as repo from './resources.repo'
import type { resourceCreateInput, resourceUpdateInput, Verdict } from './resources.schema'
import { descriptorOf, findOne } from './resources.service'
import { checkSpec } from './resources.spec'

type Ref = { id: string; name: string }
/** The same for what is foreign and what never was (rule 1). */
const gone = (field: string) => {
  const why = 'This is not there, or not yours to use'
  return new AppError('not_found', why, { fields: { [field]: why } })
}
const stale = () => conflict('It was changed meanwhile. Reload and try again.')
const assertMay = ({ allowed, reason }: Verdict) => {
  if (!allowed) throw denied(reason)
}

/** @throws AppError invalid_input with every wrong field */
function readSpec(kind: ResourceKind, input: Record<string, unknown>): Spec {
  const { spec, fields } = checkSpec(kind, input)
  if (Object.keys(fields).length > 0)
    throw new AppError('invalid_input', 'Some fields are not right', { fields })
  return spec
}

/**
 * What each reference field names, checked: of its kinds, and there for this person to use. What was named before and is
 * lost to the tenant may stay.
 * @throws AppError invalid_input or not_found on the field
 */
async function readRefs(
  tx: Tx,
  op: SignedInOp,
  kind: ResourceKind,
  input: readonly { field: string; ids: string[] }[],
  held: readonly links.LinkRecord[] = [],
): Promise<Map<string, string[]>> {
  const refs = new Map<string, string[]>()
  for (const { field } of input)
    if (!Object.hasOwn(kind.fields, field) || kind.fields[field]?.type !== 'ref')
      throw invalidField(field, `${kind.label} has no field of this name`)
  for (const [name, field] of Object.entries(kind.fields)) {
    if (field.type !== 'ref') continue
    const ids = [...new Set(input.filter((one) => one.field === name).flatMap((one) => one.ids))]
    if (field.required && ids.length === 0) throw invalidField(name, `${field.label} is needed`)
    if (!field.many && ids.length > 1) throw invalidField(name, 'Choose one')
    const before = held.filter((link) => link.field === name).map(({ targetId }) => targetId)
    const fresh = ids.filter((id) => !before.includes(id))
    const found = await links.usable(tx, viewerOf(op), field.kinds, fresh)
    if (found.length !== fresh.length) throw gone(name)
    refs.set(name, ids)
  }
  return refs
}

/** @throws AppError not_found where the person may not stand a thing of this kind in there */
async function assertPlace(
  tx: Tx,
  op: SignedInOp,
  kind: ResourceKind,
  field: 'cloud' | 'parent',
  id: string | null,
): Promise<void> {
  if (id === null) return
  const kinds = field === 'cloud' ? (kind.inCloud ? ['cloud'] : []) : (kind.parent?.kinds ?? [])
  const [found] = await links.usable(tx, viewerOf(op), kinds, [id], field === 'cloud')
  if (!found) throw gone(`${field}Id`)
}

async function writeLinks(tx: WriteTx, id: string, refs: Map<string, string[]>): Promise<void> {
  for (const [field, targets] of refs) await links.replaceLinks(tx, id, field, targets)
}

/** The row-level wall's word on what the application let through: said as its own. */
async function walled<T>(work: Promise<T>, field: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (/42501|P2039|row-level security|may not stand there/.test(String((error as Error).message)))
      throw gone(field)
    throw error
  }
}

/** Makes a resource, owned and used by the acting tenant, and private. @throws AppError 400 by field, 403 */
export async function createResource(
  op: SignedInOp,
  input: z.output<typeof resourceCreateInput>,
): Promise<Ref> {
  const kind = descriptorOf(input.kind)
  if (!kind.canBeCreated) throw denied(`${kind.plural} come by enrolment`)
  const id = randomUUID()
  const cloudId = kind.kind === 'cloud' ? id : (input.cloudId ?? null)
  const parentId = input.parentId ?? null
  const spec = readSpec(kind, input.spec)
  return mutate(op, async ({ tx, audit, fresh }) => {
    const inCloud = kind.kind === 'cloud' ? null : cloudId
    if (!mayCreate(fresh.reach, kind.kind, inCloud)) throw denied('Your roles do not let you make this here')
    await assertPlace(tx, op, kind, 'cloud', inCloud)
    await assertPlace(tx, op, kind, 'parent', parentId)
    const refs = await readRefs(tx, op, kind, input.refs)
    const assignedId = await repo.bornIn(tx, op.tenant.id, inCloud)
    const row = {
      id,
      kind: kind.kind,
      name: input.name,
      ownerId: op.tenant.id,
      assignedId,
      cloudId,
      parentId,
      createdBy: op.actor.userId,
      spec,
    }
    await walled(repo.insertResource(tx, row), 'cloudId')
    await writeLinks(tx, id, refs)
    const after = { name: input.name, ...spec, ...Object.fromEntries(refs) }
    audit({ targetKind: kind.kind, targetId: id, targetName: input.name, after, alsoIn: [assignedId] })
    return { id, name: input.name }
  })
}

/** Changes a resource's own fields. @throws AppError 400 by field, 403, 404, 409 when somebody changed it meanwhile */
export async function updateResource(
  op: SignedInOp,
  input: z.output<typeof resourceUpdateInput>,
): Promise<Ref> {
  const kind = descriptorOf(input.kind)
  const spec = readSpec(kind, input.spec)
  const exclusive = await locksOfAccess(op, input.kind, input.id, input.access)
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      const row = await findOne(tx, now, input.kind, input.id)
      if (input.access && !exclusive.includes(row.assignedId)) throw stale()
      const can = abilities(now, row)
      assertMay(can.edit)
      if (input.name !== row.name) assertMay(can.rename)
      const before = await links.linksOf(tx, viewerOf(now), row.id)
      const refs = await writeFields(tx, now, kind, row, before, { ...input, spec })
      // Last: what is handed on is what was just written, and nobody else's lock is missing for it.
      const handed = input.access && (await changeAccess(tx, now, row, input.access))
      if (handed) await auditAccess(tx, op, handed.entries)
      const about = { targetKind: kind.kind, targetId: row.id, targetName: input.name }
      const was = { name: row.name, ...row.spec }
      const is = { name: input.name, ...spec }
      // Whose it is reads of every change; what it refers to of the other tenant's is not the owner's to know.
      if (row.ownerId !== op.tenant.id)
        await writeAudit(tx, op, { ...about, before: was, after: is, onlyIn: [row.ownerId] })
      audit({
        ...about,
        before: was,
        after: { ...is, ...Object.fromEntries(refs) },
        alsoIn: op.tenant.isMaster ? [row.assignedId] : [],
      })
      return { id: row.id, name: input.name }
    },
    { exclusive },
  )
}

/** Writes name, spec, place and references, checked. @returns the references by field @throws AppError 400 or 404 by field, 409 */
async function writeFields(
  tx: WriteTx,
  op: SignedInOp,
  kind: ResourceKind,
  row: repo.ResourceRecord,
  before: readonly links.LinkRecord[],
  input: Omit<z.output<typeof resourceUpdateInput>, 'spec'> & { spec: Spec },
): Promise<Map<string, string[]>> {
  const parentId = input.parentId ?? null
  if (parentId !== row.parentId) await assertPlace(tx, op, kind, 'parent', parentId)
  const refs = await readRefs(tx, op, kind, input.refs, before)
  const change = { name: input.name, spec: input.spec, parentId }
  if (!(await walled(repo.updateResource(tx, row.id, new Date(input.updatedAt), change), 'parentId')))
    throw stale()
  await writeLinks(tx, row.id, refs)
  return refs
}

/** Removes a resource that the tenant owns; who used it or saw it by a grant loses it at once. @throws AppError 403, 404, 409 naming what stands in it */
export async function removeResource(op: SignedInOp, kind: string, id: string): Promise<number> {
  // Its assigned tenant is locked out, so it has to be known before; the row is read again under the locks.
  const seen = await inTenant(op, (tx) => findOne(tx, op, kind, id))
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      const row = await findOne(tx, now, kind, id)
      assertMay(abilities(now, row).remove)
      await assertUnused(tx, now, row)
      if (!(await unreferenced(repo.deleteResource(tx, op.tenant.id, id, seen.assignedId)))) throw stale()
      audit({
        targetKind: kind,
        targetId: id,
        targetName: row.name,
        before: { name: row.name, ...row.spec },
        alsoIn: op.tenant.isMaster ? [row.assignedId] : [],
      })
      return 1
    },
    { exclusive: [seen.assignedId] },
  )
}

const NAMED = 5
/** RESTRICT, of PostgreSQL 18 and of older ones. */
const REFERENCED = ['23001', '23503']

/** What stands in it and is not seen, or stands in it since a moment ago, keeps it: the database says so. */
async function unreferenced(work: Promise<boolean>): Promise<boolean> {
  try {
    return await work
  } catch (error) {
    if (REFERENCED.includes(sqlStateOf(error))) throw conflict('Something stands in it. Remove that first.')
    throw error
  }
}

async function assertUnused(tx: Tx, op: SignedInOp, row: repo.ResourceRecord): Promise<void> {
  const inIt = (await links.attachedTo(tx, viewerOf(op), row.id, NAMED + 1)).filter(({ id }) => id !== row.id)
  if (inIt.length === 0) return
  const names = inIt.slice(0, NAMED).map(({ name }) => name)
  throw conflict(`In use by ${names.join(', ')}${inIt.length > NAMED ? ' and more' : ''}`)
}
