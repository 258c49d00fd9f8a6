import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { type InventoryRow, valueOf, whyNotImported } from '@/lib/inventory'
import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { mayCreate } from '@/server/authz/reach'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { writeAudits } from '@/server/db/audit-write'
import { inTenant, mutate, type Tx, type WriteTx } from '@/server/db/scope'
import { assertPlace, stale, walled } from '@/server/features/resources/resources.content'
import { bornIn, descriptorOf } from '@/server/features/resources/resources.service'
import { checkSpec, nameSchema } from '@/server/features/resources/resources.spec'
import { AppError, denied, invalidField } from '@/server/platform/errors'
import * as repo from './imports.repo'
import type { ImportPlan, importPreviewInput, importResult, importRunInput } from './imports.schema'

type Input = z.output<typeof importPreviewInput>
type Outcome = ImportPlan['rows'][number]['outcome']

/** What one row comes to. `held` is what it would change; `spec` what the thing has after. */
interface Planned {
  name: string
  outcome: Outcome
  problems: Record<string, string>
  spec: Spec
  held?: repo.Held
}

/** Texts of a row as values of the kind's fields; a field that the kind lacks is told by its check. */
function specOf(kind: ResourceKind, row: InventoryRow, before: Spec) {
  const given = Object.entries(row.values).map(([name, text]) => {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined
    return [name, field ? valueOf(field, text) : text] as const
  })
  return checkSpec(kind, { ...before, ...Object.fromEntries(given) })
}

/** Names that stand in more than one row: neither is taken for the other. */
function doubledIn(rows: readonly InventoryRow[]): Set<string> {
  const seen = new Set<string>()
  const doubled = rows.map(({ name }) => name.trim()).filter((name) => seen.has(name) || !seen.add(name))
  return new Set(doubled)
}

function planRow(
  kind: ResourceKind,
  row: InventoryRow,
  existing: Input['existing'],
  held: readonly repo.Held[],
  isDoubled: boolean,
): Planned {
  const name = nameSchema.safeParse(row.name)
  const [one, another] = held
  const { spec, fields } = specOf(kind, row, one?.spec ?? {})
  const problems = { ...fields }
  if (!name.success) problems.name = name.error.issues[0]?.message ?? 'Not a name'
  else if (isDoubled) problems.name = 'This name stands in several rows'
  else if (another) problems.name = 'Several have this name already: change them by hand'
  else if (one && existing === 'update' && !one.mayEdit)
    problems.name = 'There is one of this name that your roles do not let you change'
  const base = { name: name.data ?? row.name.slice(0, 255), problems, spec, held: one }
  if (one && existing === 'skip' && Object.keys(problems).length === 0) return { ...base, outcome: 'skip' }
  if (Object.keys(problems).length > 0) return { ...base, outcome: 'wrong' }
  if (!one) return { ...base, outcome: 'create' }
  return { ...base, outcome: isSame(one.spec, spec) ? 'same' : 'update' }
}

const sorted = (spec: Spec): string =>
  JSON.stringify(Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1)))
const isSame = (a: Spec, b: Spec): boolean => sorted(a) === sorted(b)

/** @throws AppError 403, 404 where things of the kind may not be made there */
async function plan(tx: Tx, op: SignedInOp, kind: ResourceKind, input: Input): Promise<Planned[]> {
  const why = whyNotImported(kind)
  if (why) throw denied(why)
  const cloudId = input.cloudId ?? null
  if (cloudId !== null && !kind.inCloud) throw invalidField('cloudId', `${kind.plural} stand in no cloud`)
  if (!mayCreate(op.reach, kind.kind, cloudId)) throw denied('Your roles do not let you make these here')
  await assertPlace(tx, op, kind, 'cloud', cloudId)
  const place = { ownerId: op.tenant.id, kind: kind.kind, cloudId }
  const names = [...new Set(input.rows.map(({ name }) => name.trim()))]
  const held = new Map<string, repo.Held[]>(names.map((name) => [name, []]))
  for (const one of await repo.heldByName(tx, viewerOf(op), place, names)) held.get(one.name)?.push(one)
  const doubled = doubledIn(input.rows)
  return input.rows.map((row) => {
    const name = row.name.trim()
    return planRow(kind, row, input.existing, held.get(name) ?? [], doubled.has(name))
  })
}

function countsOf(rows: readonly Planned[]): ImportPlan['counts'] {
  const counts = { create: 0, update: 0, same: 0, skip: 0, wrong: 0 }
  for (const { outcome } of rows) counts[outcome]++
  return counts
}

/** What an import would do, row by row. Changes nothing. @throws AppError 403, 404 of the cloud */
export async function previewImport(op: SignedInOp, input: Input): Promise<ImportPlan> {
  const kind = descriptorOf(input.kind)
  const rows = await inTenant(op, (tx) => plan(tx, op, kind, input))
  return {
    rows: rows.map(({ name, outcome, problems }) => ({ name, outcome, problems })),
    counts: countsOf(rows),
  }
}

/** @throws AppError invalid_input with the first wrong rows, unless they are to be left out */
function assertRight(rows: readonly Planned[], leaveOutWrong: boolean): void {
  const wrong = rows.flatMap(({ outcome }, i) => (outcome === 'wrong' ? [i] : []))
  if (wrong.length === 0) return
  if (leaveOutWrong && wrong.length < rows.length) return
  const fields = Object.fromEntries(
    wrong.slice(0, 20).map((i) => [`rows.${i}`, Object.values(rows[i]?.problems ?? {})[0] ?? 'Not right']),
  )
  throw new AppError('invalid_input', `${wrong.length} of ${rows.length} rows are not right`, { fields })
}

/** Writes all of it. @returns what was made, with its ids, for the log */
async function write(
  tx: WriteTx,
  op: SignedInOp,
  kind: ResourceKind,
  input: Input,
  rows: readonly Planned[],
) {
  const cloudId = input.cloudId ?? null
  const assignedId = await bornIn(tx, op.tenant.id, cloudId)
  const made = rows.flatMap(({ outcome, name, spec }) =>
    outcome === 'create' ? [{ id: randomUUID(), name, spec }] : [],
  )
  const changed = rows.flatMap(({ outcome, held, spec }) =>
    outcome === 'update' && held ? [{ held, spec }] : [],
  )
  const place = { ownerId: op.tenant.id, assignedId, kind: kind.kind, cloudId, createdBy: op.actor.userId }
  if (made.length > 0) await walled(repo.insertMany(tx, place, made), 'cloudId')
  const written = changed.map(({ held, spec }) => ({ id: held.id, spec, updatedAt: held.updatedAt }))
  if ((await repo.updateMany(tx, op.tenant.id, written)) !== written.length) throw stale()
  return { made, changed, assignedId }
}

/**
 * Imports an inventory: all rows in one transaction, or none. A thing of the same kind and name that the tenant owns in the same
 * place is changed where the file says something; what the file leaves out stays. Each thing gets its own audit row.
 * @throws AppError 400 with wrong rows, 403, 404, 409 when something changed meanwhile
 */
export function runImport(
  op: SignedInOp,
  input: z.output<typeof importRunInput>,
): Promise<z.output<typeof importResult>> {
  const kind = descriptorOf(input.kind)
  return mutate(op, async ({ tx, fresh, audit }) => {
    const now: SignedInOp = { ...op, ...fresh }
    const rows = await plan(tx, now, kind, input)
    assertRight(rows, input.leaveOutWrong)
    const { made, changed, assignedId } = await write(tx, now, kind, input, rows)
    const targetKind = kind.kind
    await writeAudits(tx, op, [
      ...made.map(({ id, name, spec }) => ({
        event: 'resource.create',
        targetKind,
        targetId: id,
        targetName: name,
        after: { name, ...spec },
        alsoIn: [assignedId],
      })),
      ...changed.map(({ held, spec }) => ({
        event: 'resource.update',
        targetKind,
        targetId: held.id,
        targetName: held.name,
        before: held.spec,
        after: spec,
        alsoIn: [held.assignedId],
      })),
    ])
    const counts = countsOf(rows)
    audit({
      targetKind,
      targetId: input.cloudId ?? randomUUID(),
      targetName: `${rows.length} ${kind.plural.toLowerCase()}`,
      after: { ...counts },
    })
    return {
      created: counts.create,
      updated: counts.update,
      untouched: counts.same + counts.skip,
      leftOut: counts.wrong,
    }
  })
}
