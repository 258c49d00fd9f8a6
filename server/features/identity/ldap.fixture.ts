import { randomUUID } from 'node:crypto'
import { database } from '@/server/db/runtime'
import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import { seal } from '@/server/platform/seal'
import { BASE, READER, type Slapd } from '@/test/slapd'
import type { DirectorySettings } from './ldap-person'
import { ldapKind } from './ldap.kind'
import type { LdapProvider } from './ldap.schema'
import { secretPlace } from './secret-place'

/** The settings of a source of that directory. */
export const askedOf = (slapd: Slapd, more: Partial<DirectorySettings> = {}): DirectorySettings => ({
  host: 'localhost',
  port: slapd.securePort,
  security: 'ldaps',
  caCertificate: slapd.ca,
  bindDn: READER.dn,
  baseDn: BASE,
  personFilter: '(objectClass=inetOrgPerson)',
  loginAttributes: ['uid'],
  subjectAttribute: 'entryUUID',
  usernameAttribute: 'uid',
  emailAttribute: 'mail',
  nameAttribute: 'cn',
  groupsFrom: 'person',
  groupBase: `ou=groups,${BASE}`,
  groupsAttribute: 'memberOf',
  groupName: 'cn',
  ...more,
})

/** The fields of a source of that directory, as they are entered. */
export const providerOf = (slapd: Slapd, more: Partial<LdapProvider> = {}): LdapProvider => ({
  kind: 'ldap',
  host: 'localhost',
  port: slapd.securePort,
  security: 'ldaps',
  caCertificate: slapd.ca,
  bindDn: READER.dn,
  baseDn: BASE,
  personFilter: '(objectClass=inetOrgPerson)',
  loginAttributes: 'uid',
  subjectAttribute: 'entryUUID',
  groupsFrom: 'person',
  groupBase: '',
  groupName: 'cn',
  ...more,
})
export const NAMES = { usernameClaim: 'uid', emailClaim: 'mail', nameClaim: 'cn', groupsClaim: 'memberOf' }

interface Planted {
  id?: string
  provider?: Partial<LdapProvider>
  /** Groups and the built-in roles that they give. */
  roles?: [string, string][]
  defaultRole?: string
  createUsers?: boolean
}

/** Puts a source in for a tenant. @returns its id */
export async function plantDirectory(
  { sql }: Pick<SignInWorld, 'sql'>,
  slapd: Slapd,
  tenantId: string,
  { id = randomUUID(), provider = {}, roles = [], defaultRole, createUsers = true }: Planted = {},
): Promise<string> {
  const { issuer, settings } = ldapKind.store(providerOf(slapd, provider))
  const sealed = seal(database().key, secretPlace(tenantId, id), READER.password)
  await sql(
    `insert into identity_source (id, tenant_id, kind, name, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim,
       default_role_id, create_users)
     values ($1, $2, 'ldap', 'Directory', $3, $4, $5, 'uid', 'mail', 'cn', $6, (select id from user_role where built_in = $7), $8)`,
    [
      id,
      tenantId,
      issuer,
      settings,
      sealed,
      provider.groupsFrom === 'search' ? 'member' : 'memberOf',
      defaultRole,
      createUsers,
    ],
  )
  for (const [group, role] of roles)
    await sql(
      `insert into identity_role_map (tenant_id, source_id, claim_value, role_id) select $1, $2, $3, id from user_role where built_in = $4`,
      [tenantId, id, group, role],
    )
  return id
}
