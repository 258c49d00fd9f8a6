import { database } from '@/server/db/runtime'
import type { OpContext } from '@/server/context/op'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'
import { invalidField } from '@/server/platform/errors'

export type CursorValue = string | number | boolean | null

type CursorOp = Pick<OpContext, 'tenant'>

const STALE = 'This page does not exist any more. Start from the first page.'
const MAX_LENGTH = 2000

/** Signs for this tenant and this list (name, sort and filters) only: a cursor is worth nothing anywhere else (attack A09). */
function sign(op: CursorOp, scopeName: string, payload: string): string {
  const key = deriveKey(database().key.toString('hex'), 'list cursor')
  return hmac(key, JSON.stringify([op.tenant?.id ?? '', scopeName, payload])).slice(0, 32)
}

/**
 * An opaque place in a list.
 * @param scopeName the list with all that decides its order and rows: `tenants:name:asc`; drill-ins add the tenant's id
 * @param values of the sort columns and the id of the row that the page begins after
 */
function signCursor(op: CursorOp, scopeName: string, values: readonly CursorValue[]): string {
  const payload = Buffer.from(JSON.stringify(values)).toString('base64url')
  return `${payload}.${sign(op, scopeName, payload)}`
}

/** The values of a cursor of this very list. @throws AppError invalid_input when it was tampered with or is another list's */
function readCursor(op: CursorOp, scopeName: string, text: string): CursorValue[] {
  const [payload = '', mac = '', ...rest] = text.length > MAX_LENGTH ? [] : text.split('.')
  if (payload === '' || rest.length > 0 || !timingSafeEqualText(mac, sign(op, scopeName, payload))) {
    throw invalidField('cursor', STALE)
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as CursorValue[]
}

/** Where a page begins: after `values`, or with `back` the page that ends before them. */
export interface Position {
  back: boolean
  values: CursorValue[]
}

/** The place that a list's `cursor` input names; null: the first page. @throws AppError invalid_input */
export function readPosition(op: CursorOp, scopeName: string, text: string | undefined): Position | null {
  if (text === undefined || text === '') return null
  const [back, ...values] = readCursor(op, scopeName, text)
  return { back: back === true, values }
}

/**
 * A page of rows with its neighbours' cursors.
 * @param fetched up to `limit` + 1 rows in the order they were read: away from the position, so reversed when it is `back`
 * @param valuesOf a row's sort values and id, as the next query compares them; more may follow (see numbered)
 */
export function pageOf<Row>(
  op: CursorOp,
  scopeName: string,
  fetched: readonly Row[],
  limit: number,
  position: Position | null,
  valuesOf: (row: Row, toBack: boolean) => readonly CursorValue[],
): { rows: Row[]; nextCursor?: string; prevCursor?: string } {
  const back = position?.back ?? false
  const more = fetched.length > limit
  const rows = fetched.slice(0, limit)
  if (back) rows.reverse()
  const first = rows[0]
  const last = rows.at(-1)
  const cursor = (row: Row, toBack: boolean) => signCursor(op, scopeName, [toBack, ...valuesOf(row, toBack)])
  return {
    rows,
    ...(last !== undefined && (back || more) && { nextCursor: cursor(last, false) }),
    ...(first !== undefined && (back ? more : position !== null) && { prevCursor: cursor(first, true) }),
  }
}

/**
 * Which rows of the whole a page shows, carried along in the cursors: a keyset alone does not know.
 * @returns `from`: how many rows come before; `numberOf`: the last value of a cursor of this page
 */
export function numbered(
  position: Position | null,
  shown: number,
): { from: number; numberOf: (toBack: boolean) => number } {
  const at = Number(position?.values.at(-1) ?? 0)
  const from = position?.back ? Math.max(0, at - shown) : at
  return { from, numberOf: (toBack) => (toBack ? from : from + shown) }
}
