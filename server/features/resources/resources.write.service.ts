import type { z } from 'zod'
import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { mutate, type WriteTx } from '@/server/db/scope'
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
import { abilities } from './resources.policy'
import * as repo from './resources.repo'
import type { resourceUpdateInput } from './resources.schema'
import { descriptorOf, findOne } from './resources.service'

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
    async (m) => {
      const { tx, audit } = m
      const now: SignedInOp = { ...op, ...m.fresh }
      const row = await findOne(tx, now, input.kind, input.id)
      if (input.access && !exclusive.includes(row.assignedId)) throw stale()
      const can = abilities(now, row)
      assertMay(can.edit)
      if (input.name !== row.name) assertMay(can.rename)
      const before = await links.linksOf(tx, viewerOf(now), row.id)
      const refs = await writeFields(tx, now, kind, row, before, { ...input, spec })
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
