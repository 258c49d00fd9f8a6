import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { tenantOrigin } from '@/lib/paths'
import { can, type SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { inTenant, mutate } from '@/server/db/scope'
import * as repo from '@/server/features/enrolment-tokens/enrolment-tokens.repo'
import type * as schema from '@/server/features/enrolment-tokens/enrolment-tokens.schema'
import { randomToken } from '@/server/platform/crypto'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'

const SCOPE = 'enrolmentTokens'

/** The acting tenant's tokens, newest first; the master's are its own, not its tenants'. */
export async function listTokens(
  op: SignedInOp,
  input: z.output<typeof schema.enrolmentTokenListInput>,
): Promise<z.output<typeof schema.enrolmentTokenListOutput>> {
  const position = readPosition(op, SCOPE, input.cursor)
  const found = await inTenant(op, (tx) => repo.listTokens(tx, op.tenant.id, position, input.limit))
  const { from, numberOf } = numbered(position, Math.min(found.length, input.limit))
  const page = pageOf(op, SCOPE, found, input.limit, position, (row, toBack) => [
    row.sortKey,
    row.id,
    numberOf(toBack),
  ])
  const mayChange = can(op, 'agents', 'full')
  return {
    ...page,
    from,
    rows: page.rows.map((t) => ({
      id: t.id,
      name: t.name,
      maxUses: t.maxUses,
      uses: t.uses,
      expiresAt: t.expiresAt.toISOString(),
      createdAt: t.createdAt.toISOString(),
      state: t.state,
    })),
    ...totals(Number(found[0]?.total ?? 0)),
    can: { create: mayChange, revoke: mayChange },
  }
}

/** Makes a token that lets machines enrol into the acting tenant. It is answered once and stored as a hash (ASVS 6.4.1). */
export async function createToken(
  op: SignedInOp,
  input: z.output<typeof schema.enrolmentTokenCreateInput>,
): Promise<schema.EnrolmentTokenCreated> {
  const token = randomToken('fhe_')
  const tokenHash = createHash('sha256').update(token).digest()
  const { id, expiresAt } = await mutate(op, async ({ tx, audit }) => {
    const made = await repo.insertToken(tx, {
      ...input,
      tenantId: op.tenant.id,
      tokenHash,
      createdBy: op.actor.userId,
    })
    audit({
      targetKind: 'enrolment_token',
      targetId: made.id,
      targetName: input.name,
      after: { maxUses: input.maxUses, expiresAt: made.expiresAt.toISOString() },
    })
    return made
  })
  const origin = tenantOrigin(op.tenant.isMaster ? null : op.tenant.slug, siteConfig())
  return {
    id,
    token,
    expiresAt: expiresAt.toISOString(),
    command: `curl -fsSL ${origin}/agent/install.sh | FREEHOLD_TOKEN=${token} sh`,
    windowsCommand: `$env:FREEHOLD_TOKEN = '${token}'; irm ${origin}/agent/install.ps1 | iex`,
  }
}

/** Nobody enrols with it any more; hosts that did stay. @throws AppError not_found */
export function revokeToken(op: SignedInOp, id: string): Promise<{ id: string }> {
  return mutate(op, async ({ tx, audit }) => {
    const name = await repo.revokeToken(tx, op.tenant.id, id)
    if (name === null) throw notFound()
    audit({ targetKind: 'enrolment_token', targetId: id, targetName: name })
    return { id }
  })
}
