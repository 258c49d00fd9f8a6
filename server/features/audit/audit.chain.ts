import { createHash } from 'node:crypto'

/** An event as text, column by column, with the seal that it should have: what `findChain` reads. */
export interface ChainRow {
  tenant: string
  n: string
  /** The hashed columns in their order, null where the column is. */
  fields: (string | null)[]
  /** Session and reason of an impersonation: hashed too, and a row of version 2, where there are any. */
  acting: [string | null, string]
  prev: string
  hash: string
}

const FIELD = '\u001f'
const NULL = '\u001e'
const ZERO = '0'.repeat(64)

/** The hash of one link, worked out here and not by the database: whoever can change its functions cannot change this. */
function linkHash({ n, prev, fields, acting }: ChainRow): string {
  const [session, reason] = acting
  const more = session !== null || reason !== '' ? acting : []
  const version = more.length > 0 ? 'v2' : 'v1'
  const text = [version, n, prev, ...[...fields, ...more].map((field) => field ?? NULL)].join(FIELD)
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

export interface ChainVerdict {
  checked: number
  /** Number of the first event that does not fit; null: all fit. */
  brokenAt: number | null
  /** Hash of the last link that fits. */
  head: string
}

/** Follows one tenant's chain from its beginning. Rows come in order of n. */
export function verifyLinks(
  rows: readonly ChainRow[],
  from: ChainVerdict = { checked: 0, brokenAt: null, head: ZERO },
): ChainVerdict {
  let { checked, head } = from
  for (const row of rows) {
    if (Number(row.n) !== checked + 1 || row.prev !== head || linkHash(row) !== row.hash)
      return { checked, brokenAt: checked + 1, head }
    head = row.hash
    checked += 1
  }
  return { checked, brokenAt: null, head }
}
