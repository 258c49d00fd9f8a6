import type { ResourceKind, Spec } from '@/lib/resource-kinds/kind'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import type { Tx, WriteTx } from '@/server/db/scope'
import { AppError, conflict, denied, invalidField } from '@/server/platform/errors'
import * as links from './resource-links.repo'
import type { Verdict } from './resources.schema'
import { checkSpec } from './resources.spec'

/** As an answer names a resource. */
export type Ref = { id: string; name: string }
/** The same for what is foreign and what never was (rule 1). */
const gone = (field: string) => {
  const why = 'This is not there, or not yours to use'
  return new AppError('not_found', why, { fields: { [field]: why } })
}
/** Somebody was quicker. */
export const stale = () => conflict('It was changed meanwhile. Reload and try again.')
/** @throws AppError 403 with the reason */
export const assertMay = ({ allowed, reason }: Verdict) => {
  if (!allowed) throw denied(reason)
}

/** A kind's own values, checked. @throws AppError invalid_input with every wrong field */
export function readSpec(kind: ResourceKind, input: Record<string, unknown>): Spec {
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
export async function readRefs(
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

/** Where a thing is to stand. @throws AppError not_found where the person may not stand a thing of this kind in there */
export async function assertPlace(
  tx: Tx,
  op: SignedInOp,
  kind: ResourceKind,
  field: 'cloud' | 'parent',
  id: string | null,
): Promise<void> {
  if (id === null) return
  const kinds = field === 'cloud' ? (kind.inCloud ? ['cloud'] : []) : (kind.parent?.kinds ?? [])
  const [found] = await links.usable(tx, viewerOf(op), kinds, [id], field)
  if (!found) throw gone(`${field}Id`)
}

/** Those of these ids that this person may refer to, or put things into, as the forms for them say. */
export async function usableAmong(
  tx: Tx,
  op: SignedInOp,
  kinds: readonly string[],
  ids: readonly string[],
  place: 'cloud' | 'parent' | null = null,
): Promise<ReadonlySet<string>> {
  return new Set((await links.usable(tx, viewerOf(op), kinds, ids, place)).map(({ id }) => id))
}

/** Writes what each field refers to. */
export async function writeLinks(tx: WriteTx, id: string, refs: Map<string, string[]>): Promise<void> {
  for (const [field, targets] of refs) await links.replaceLinks(tx, id, field, targets)
}

/** The row-level wall's word on what the application let through: said as its own. */
export async function walled<T>(work: Promise<T>, field: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (/42501|P2039|row-level security|may not stand there/.test(String((error as Error).message)))
      throw gone(field)
    throw error
  }
}
