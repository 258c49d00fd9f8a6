import type { z } from 'zod'
import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { mutate, type WriteTx } from '@/server/db/scope'
import { AppError, invalidField } from '@/server/platform/errors'
import * as links from './resource-links.repo'
import { changeAccess, locksOfAccess } from './resources.access.service'
import {
  assertMay,
  assertPlace,
  readRefs,
  readSpec,
  type Ref,
  stale,
  walled,
  writeLinks,
} from './resources.content'
import { tellLogs } from './resources.logs'
import { abilities, toldBy } from './resources.policy'
import * as repo from './resources.repo'
import { checkSpec } from './resources.spec'
import type { resourceUpdateInput } from './resources.schema'
import { descriptorOf, findOne } from './resources.service'

/** Changes a resource's own fields. @throws AppError 400 by field, 403, 404, 409 when somebody changed it meanwhile */
export async function updateResource(
  op: SignedInOp,
  input: z.output<typeof resourceUpdateInput>,
): Promise<Ref> {
  const kind = descriptorOf(input.kind)
  const exclusive = await locksOfAccess(op, input.kind, input.id, input.access)
  return mutate(
    op,
    async (m) => {
      const { tx, audit } = m
      const now: SignedInOp = { ...op, ...m.fresh }
      const row = await findOne(tx, now, input.kind, input.id)
      if (input.access && !exclusive.includes(row.assignedId)) throw stale()
      const can = abilities(now, row)
      assertMay(can.edit)
      if (input.name !== row.name) assertMay(can.rename)
      const before = await links.linksOf(tx, viewerOf(now), row.id)
      const spec = specOf(kind, row, input.spec)
      const own = row.found ? { ...input, ...keepTold(row, before, input) } : input
      const refs = await writeFields(tx, now, kind, row, before, { ...own, spec })
      // Last: what is handed on is what was just written, and nobody else's lock is missing for it.
      const handed = input.access && (await changeAccess(tx, now, row, input.access))
      if (handed) await tellLogs(m, op, handed.entries)
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

/** Its own values, checked; what its cloud tells stays as it is told. @throws AppError invalid_input, also for another value of such a field */
function specOf(kind: ResourceKind, row: repo.ResourceRecord, input: Record<string, unknown>): Spec {
  if (!row.found) return readSpec(kind, input)
  const told = Object.fromEntries(
    row.toldFields.filter((name) => Object.hasOwn(row.spec, name)).map((name) => [name, row.spec[name]]),
  )
  for (const [name, value] of Object.entries(told)) {
    const asked = Object.hasOwn(input, name) ? checkSpec(kind, { [name]: input[name] }).spec[name] : value
    if (JSON.stringify(asked) !== JSON.stringify(value)) throw invalidField(name, toldBy(row))
  }
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !Object.hasOwn(told, name)))
  const { spec, fields } = checkSpec(kind, rest)
  for (const name of Object.keys(told)) delete fields[name]
  if (Object.keys(fields).length > 0)
    throw new AppError('invalid_input', 'Some fields are not right', { fields })
  return { ...spec, ...told }
}

/** Where it stands and what it refers to, as its cloud tells. @throws AppError invalid_input where something else is asked for */
function keepTold(
  row: repo.ResourceRecord,
  before: readonly links.LinkRecord[],
  input: Pick<z.output<typeof resourceUpdateInput>, 'refs' | 'parentId'>,
) {
  if (input.parentId !== undefined && input.parentId !== row.parentId)
    throw invalidField('parentId', toldBy(row))
  const refs = input.refs.filter(({ field }) => !row.toldFields.includes(field))
  for (const { field, targetId } of before) {
    if (!row.toldFields.includes(field)) continue
    const kept = refs.find((one) => one.field === field)
    if (kept) kept.ids.push(targetId)
    else refs.push({ field, ids: [targetId] })
  }
  for (const { field, ids } of input.refs) {
    if (!row.toldFields.includes(field)) continue
    const told = refs.find((one) => one.field === field)?.ids ?? []
    if (ids.length !== told.length || ids.some((id) => !told.includes(id)))
      throw invalidField(field, toldBy(row))
  }
  return { parentId: row.parentId ?? undefined, refs }
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
