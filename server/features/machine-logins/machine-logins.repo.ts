import type { Tx, WriteTx } from '@/server/db/scope'
import type { System } from './machine-logins.schema'

/** Somebody's in the acting tenant, without what is secret. */
export function listLogins(tx: Tx, tenantId: string, userId: string) {
  return tx.userMachineLogin.findMany({
    where: { tenantId, userId },
    select: { system: true, username: true, hasKey: true, setAt: true },
    orderBy: { system: 'desc' },
  })
}

export interface NewLogin {
  tenantId: string
  userId: string
  system: System
  username: string
  sealed: Uint8Array<ArrayBuffer>
  hasKey: boolean
}

/** Removes somebody's login of one system. @returns its username; null: there was none */
export async function removeLogin(
  tx: WriteTx,
  tenantId: string,
  userId: string,
  system: System,
): Promise<string | null> {
  const found = await tx.userMachineLogin.findFirst({
    where: { tenantId, userId, system },
    select: { username: true },
  })
  if (!found) return null
  await tx.$executeRaw`delete from user_machine_login where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid and system = ${system}`
  return found.username
}

/** Puts one in. Without RETURNING: nobody reads it back. */
export async function insertLogin(tx: WriteTx, login: NewLogin): Promise<void> {
  const { tenantId, userId, system, username, sealed, hasKey } = login
  await tx.$executeRaw`
    insert into user_machine_login (tenant_id, user_id, system, username, sealed_secret, has_key, set_at)
    values (${tenantId}::uuid, ${userId}::uuid, ${system}, ${username}, ${sealed}, ${hasKey}, now())`
}
