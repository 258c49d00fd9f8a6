import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import type { ClaimNames } from './claims'

export interface SourceFields {
  issuer: string
  name?: string
  defaultRole?: string | null
  createUsers?: boolean
  /** Claim values and the built-in roles that they give. */
  roles?: [string, string][]
}

interface OfKind {
  kind: string
  tenantId: string
  id: string
  settings: object
  sealed: Buffer | null
}

/** Puts a source of any kind in for a tenant. @returns its id */
export async function plantKind(
  { sql }: Pick<SignInWorld, 'sql'>,
  { kind, tenantId, id, settings, sealed }: OfKind,
  names: ClaimNames,
  { issuer, name = 'Company login', defaultRole = null, createUsers = true, roles = [] }: SourceFields,
): Promise<string> {
  const { usernameClaim, emailClaim, nameClaim, groupsClaim } = names
  await sql(
    `insert into identity_source (id, tenant_id, kind, name, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim, default_role_id, create_users)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (select id from user_role where built_in = $12), $13)`,
    [
      ...[id, tenantId, kind, name, issuer, settings, sealed],
      ...[usernameClaim, emailClaim, nameClaim, groupsClaim, defaultRole, createUsers],
    ],
  )
  for (const [value, role] of roles)
    await sql(
      `insert into identity_role_map (tenant_id, source_id, claim_value, role_id) select $1, $2, $3, id from user_role where built_in = $4`,
      [tenantId, id, value, role],
    )
  return id
}
