import type { z } from 'zod'
import { MASTER_SLUG, MASTER_TENANT_ID } from '@/lib/master'
import { assertGate } from '@/server/authz/gate'
import { tokenHash } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { inUnion } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { newSessionToken } from '@/server/features/sessions/sessions.service'
import { assertMaySwitch, whyNotSwitch } from '@/server/features/switching/switching.policy'
import {
  findMyTenant,
  haveSeveral,
  listMyTenants,
  type MyTenantRow,
} from '@/server/features/switching/switching.repo'
import type { MyTenant, MyTenants, myTenantsInput } from '@/server/features/switching/switching.schema'
import { randomToken } from '@/server/platform/crypto'
import { notFound } from '@/server/platform/errors'

const COUNT_CAP = 100

/** Whether subtenants can be entered at all on this install (rule 14). */
const isOpen = ({ gate }: Pick<SignedInOp, 'gate'>) => gate.state === 'on' || gate.state === 'expired'

function toTenant(op: SignedInOp, row: MyTenantRow): MyTenant {
  const { id, slug, name, icon, home } = row
  const isMaster = id === MASTER_TENANT_ID
  return {
    id,
    slug,
    name,
    icon,
    home,
    isMaster,
    current: id === op.tenant.id,
    lastAt: row.lastAt?.toISOString() ?? null,
  }
}

/**
 * The tenants that this person may enter, by a part of their names. Where multi-tenancy is off, or this session may not switch, none: there
 * is nowhere to go. @throws nothing but errors of the database
 */
export async function myTenants(op: SignedInOp, input: z.output<typeof myTenantsInput>): Promise<MyTenants> {
  if (!isOpen(op) || whyNotSwitch(op) !== null) return { rows: [], total: 0, totalCapped: false }
  const rows = await inUnion(op, (tx) => listMyTenants(tx, input.search, input.limit))
  const counted = Number(rows[0]?.total ?? 0)
  return {
    rows: rows.map((row) => toTenant(op, row)),
    total: Math.min(counted, COUNT_CAP),
    totalCapped: counted > COUNT_CAP,
  }
}

/** Whether the person has more than one tenant to be in, so that there is something to switch; asked for the frame of every page. */
export async function hasSeveral(op: SignedInOp): Promise<{ several: boolean }> {
  return { several: isOpen(op) && whyNotSwitch(op) === null && (await inUnion(op, haveSeveral)) }
}

/** A tenant that this person may enter, for the page that leads there. @throws AppError 404 for any other, the same for all; 403, 501, 402 */
export async function myTenantOf(op: SignedInOp, id: string) {
  assertMaySwitch(op)
  const found = await inUnion(op, (tx) => findMyTenant(tx, id))
  if (!found) throw notFound()
  const isMaster = id === MASTER_TENANT_ID
  if (!isMaster) assertGate(op.gate, 'use')
  return { ...found, isMaster, current: id === op.tenant.id }
}

const hashOf = (op: SignedInOp) => Buffer.from(op.session.tokenHash, 'hex')

/**
 * The host that a switch leads to: its slug, null for the master's. Unknown, disabled, deleted and somebody else's tenant are alike.
 * @throws AppError 403 for a session that may not, 404, 501 and 402 as the gate says
 */
export async function switchTarget(op: SignedInOp, tenantId: string): Promise<string | null> {
  assertMaySwitch(op)
  const slug = await systemValue<string | null, 'switch_target'>('switch_target', [
    hashOf(op),
    op.tenant.slug,
    tenantId,
  ])
  if (slug === null) throw notFound()
  if (slug === MASTER_SLUG) return null
  assertGate(op.gate, 'use')
  return slug
}

/** A one-use code for that tenant's host, worth something for 30 seconds to who holds the nonce; null: refused. @param nonceHash SHA-256 of the nonce, hex */
export async function switchCode(
  op: SignedInOp,
  tenantId: string,
  nonceHash: string,
): Promise<string | null> {
  assertMaySwitch(op)
  if (tenantId !== MASTER_TENANT_ID) assertGate(op.gate, 'use')
  const code = randomToken('')
  const nonce = Buffer.from(nonceHash, 'hex')
  const args = [hashOf(op), op.tenant.slug, tenantId, tokenHash(code), nonce] as const
  const slug = await systemValue<string | null, 'switch_code'>('switch_code', [...args])
  return slug === null ? null : code
}

/** Redeems it on the host of `slug`: the token of a new session there; null: refused. */
export async function redeemSwitch(
  slug: string,
  { code, nonce }: { code: string; nonce: string },
  facts: { ip: string; userAgent: string; requestId: string },
): Promise<string | null> {
  const token = newSessionToken()
  const args = [
    tokenHash(code),
    tokenHash(nonce),
    slug,
    tokenHash(token),
    facts.ip,
    facts.userAgent,
    facts.requestId,
  ] as const
  const id = await systemValue<string | null, 'switch_session'>('switch_session', [...args])
  return id === null ? null : token
}
