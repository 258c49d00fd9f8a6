import type { Tx, WriteTx } from '@/server/db/scope'
import type { LicencePayload } from './key'

export interface StoredLicence {
  id: string
  source: 'trial' | 'stripe' | 'key'
  plan: string
  customer: string
  capabilities: string[]
  hosts: number | null
  keyId: string | null
  startsAt: Date
  expiresAt: Date
  endedAt: Date | null
}

/** All that there ever were, those that end last first. */
export const licences = (tx: Tx): Promise<StoredLicence[]> =>
  tx.$queryRaw<StoredLicence[]>`
    select id, source, plan, customer, capabilities, host_limit as hosts, key_id as "keyId", starts_at as "startsAt",
      expires_at as "expiresAt", ended_at as "endedAt"
    from licence order by least(expires_at, ended_at) desc, created_at desc, id limit 200`

export interface StoredPlan {
  key: string
  name: string
  tagline: string
  capabilities: string[]
  hosts: number | null
  perHost: boolean
}

/** What can be had, in the order to show it in. */
export const plans = (tx: Tx): Promise<StoredPlan[]> =>
  tx.$queryRaw<StoredPlan[]>`
    select key, name, tagline, capabilities, host_limit as hosts, per_host as "perHost" from plan order by position, key limit 20`

/** The installation's id, and the latest time that was ever seen here. */
export async function installation(tx: Tx): Promise<{ id: string; clockAt: Date | null }> {
  const rows = await tx.$queryRaw<
    { id: string; clockAt: Date | null }[]
  >`select install_id as id, clock_at as "clockAt" from installation where id = 1`
  const [row] = rows
  if (!row) throw new Error('There is no installation')
  return row
}

/** What became of a key: activated, with what it took the place of, or why not. */
export type Added =
  { code: 'ok'; id: string; ended: string[] } | { code: 'clock' | 'expired' | 'superseded' | 'known' }

export async function add(tx: WriteTx, payload: LicencePayload): Promise<Added> {
  const rows = await tx.$queryRaw<
    { added: Added }[]
  >`select wall.licence_add(${JSON.stringify(payload)}::jsonb) as added`
  const [row] = rows
  if (!row) throw new Error('wall.licence_add() answered nothing')
  return row.added
}

/** @returns false: there is none that runs and can be ended here */
export async function end(tx: WriteTx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ ended: boolean }[]>`select wall.licence_end(${id}::uuid) as ended`
  return rows[0]?.ended ?? false
}
