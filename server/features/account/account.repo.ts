import type { Tx, WriteTx } from '@/server/db/scope'

/** Name of a tenant that the person is an enabled member of; null otherwise. In a union scope. */
export function findHome(tx: Tx, tenantId: string) {
  return tx.tenant.findFirst({ where: { id: tenantId }, select: { name: true, slug: true } })
}

/** When a person homed in the acting tenant, or a member of it, showed that their address is theirs. */
export async function emailVerifiedAt(tx: Tx, homeTenantId: string, userId: string): Promise<Date | null> {
  const user = await tx.user.findFirst({
    where: { id: userId, homeTenantId },
    select: { emailVerifiedAt: true },
  })
  return user?.emailVerifiedAt ?? null
}

/** A link to an address, which becomes the signed person's when it is opened. False: they are not at home here. */
export async function createEmailLink(tx: WriteTx, tokenHash: Buffer, email: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ done: boolean }[]>`
    select wall.email_link_create(${tokenHash}, ${email}) as done`
  return rows[0]?.done ?? false
}
