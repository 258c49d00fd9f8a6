import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { type Effect, effectLines } from '@/lib/effects'
import { EVERYONE_LOCK } from '@/lib/master'
import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { mayCreate } from '@/server/authz/reach'
import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, rehearse, type WriteTx } from '@/server/db/scope'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { denied } from '@/server/platform/errors'
import { type AccessChange, changeAccess } from './resources.access.service'
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
import { mayHandOut } from './resources.policy'
import * as repo from './resources.repo'
import type { resourceCreateInput, resourceCreatePreviewInput } from './resources.schema'
import { descriptorOf, findOne } from './resources.service'

/** A thing that is to be made. */
interface New {
  id: string
  name: string
  cloudId: string | null
  parentId: string | null
  spec: Spec
}

/** The cloud that a thing of this kind stands in; a cloud stands in none. */
const cloudOf = (kind: ResourceKind, id: string | null): string | null => (kind.kind === 'cloud' ? null : id)

/** Makes the row, owned by the acting tenant, and private. @returns who uses it @throws AppError 403, 404 by field */
export async function insertNew(tx: WriteTx, op: SignedInOp, kind: ResourceKind, made: New): Promise<string> {
  const inCloud = cloudOf(kind, made.cloudId)
  if (!mayCreate(op.reach, kind.kind, inCloud)) throw denied('Your roles do not let you make this here')
  await assertPlace(tx, op, kind, 'cloud', inCloud)
  await assertPlace(tx, op, kind, 'parent', made.parentId)
  const assignedId = await repo.bornIn(tx, op.tenant.id, inCloud)
  const row = {
    ...made,
    kind: kind.kind,
    ownerId: op.tenant.id,
    assignedId,
    cloudId: kind.kind === 'cloud' ? made.id : made.cloudId,
    createdBy: op.actor.userId,
  }
  await walled(repo.insertResource(tx, row), 'cloudId')
  return assignedId
}

/** What is born in a cloud that the master assigned away is its tenant's to use from the start (rule 4). */
export async function bornEffects(
  tx: WriteTx,
  op: SignedInOp,
  what: string,
  tenantId: string,
): Promise<Effect[]> {
  if (tenantId === op.tenant.id) return []
  const { name } = await tenantChoice(tx, tenantId)
  return [{ tenantId, tenant: name, who: '', change: 'gains', what }]
}

/** Hands a new thing on. What is new was nobody's before: nobody loses it. @throws AppError as changeAccess */
async function handNew(tx: WriteTx, op: SignedInOp, kind: ResourceKind, id: string, access: AccessChange) {
  const { entries, effects } = await changeAccess(tx, op, await findOne(tx, op, kind.kind, id), access)
  const lost = new Set(effectLines(effects.filter(({ change }) => change === 'loses')))
  const kept = (lines: unknown) => (lines as string[]).filter((line) => !lost.has(line))
  return {
    entries: entries.map((one) => ({ ...one, after: { ...one.after, effects: kept(one.after?.effects) } })),
    effects: effects.filter(({ change }) => change === 'gains'),
  }
}

/** Whose locks it takes to make a thing and hand it on at once, as a change of access takes them. @throws AppError 403 */
async function locksOfNew(
  op: SignedInOp,
  kind: ResourceKind,
  cloudId: string | null,
  access: AccessChange | undefined,
): Promise<string[]> {
  if (!access) return []
  assertMay(mayHandOut(op, kind.kind))
  const born = await inTenant(op, (tx) => repo.bornIn(tx, op.tenant.id, cloudOf(kind, cloudId)))
  return [born, access.tenantId ?? born, EVERYONE_LOCK]
}

/**
 * Makes a resource, owned by the acting tenant; for the master with the tenant that uses it and its visibility, in one save
 * (seeds 002 and 003). Without those it is private and its owner's to use.
 * @throws AppError 400 by field, 403, 404, 409
 */
export async function createResource(
  op: SignedInOp,
  input: z.output<typeof resourceCreateInput>,
): Promise<Ref> {
  const kind = descriptorOf(input.kind)
  if (!kind.canBeCreated) throw denied(`${kind.plural} come by enrolment`)
  const { name, access } = input
  const made = { id: randomUUID(), name, cloudId: input.cloudId ?? null, parentId: input.parentId ?? null }
  const spec = readSpec(kind, input.spec)
  const exclusive = await locksOfNew(op, kind, made.cloudId, access)
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      const assignedId = await insertNew(tx, now, kind, { ...made, spec })
      if (access && !exclusive.includes(assignedId)) throw stale()
      const refs = await readRefs(tx, now, kind, input.refs)
      await writeLinks(tx, made.id, refs)
      const born = await bornEffects(tx, now, `${kind.label} ${name}`, assignedId)
      const about = { targetKind: kind.kind, targetId: made.id, targetName: name }
      const entries: AuditEntry[] = [
        {
          ...about,
          after: { name, ...spec, ...Object.fromEntries(refs) },
          alsoIn: [assignedId],
          ...(born.length > 0 && { effects: born }),
        },
        ...(access ? (await handNew(tx, now, kind, made.id, access)).entries : []),
      ]
      // In the order of what happened; the last one is the mutation's own.
      for (const entry of entries.slice(0, -1)) await writeAudit(tx, op, entry)
      for (const entry of entries.slice(-1)) audit(entry)
      return { id: made.id, name }
    },
    { exclusive },
  )
}

const NAMELESS = '(no name yet)'

/** Who would gain what by making a thing so, whatever its other fields will be. @throws AppError as createResource */
export async function createPreview(
  op: SignedInOp,
  input: z.output<typeof resourceCreatePreviewInput>,
): Promise<string[]> {
  const kind = descriptorOf(input.kind)
  if (!kind.canBeCreated) throw denied(`${kind.plural} come by enrolment`)
  return rehearse(op, async (tx, fresh) => {
    const now: SignedInOp = { ...op, ...fresh }
    const place = { cloudId: input.cloudId ?? null, parentId: null }
    const name = input.name === '' ? NAMELESS : input.name
    const id = randomUUID()
    const assignedId = await insertNew(tx, now, kind, { id, name, spec: {}, ...place })
    const born = await bornEffects(tx, now, `${kind.label} ${name}`, assignedId)
    const handed = await handNew(tx, now, kind, id, input.access)
    return effectLines([...born, ...handed.effects])
  })
}
