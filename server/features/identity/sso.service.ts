import { MASTER_SLUG } from '@/lib/master'
import { database } from '@/server/db/runtime'
import { callSystem, systemValue } from '@/server/db/system'
import { unseal } from '@/server/platform/seal'
import { type ClaimNames, groupsOf, personOf } from './claims'
import type { KindName } from './provider.schema'
import { secretPlace } from './secret-place'

/** An enabled source with what signing in by it needs. */
export interface LiveSource extends ClaimNames {
  id: string
  tenantId: string
  kind: KindName
  name: string
  issuer: string
  /** What only its kind has: read by the kind. */
  settings: unknown
  /** Null: of a kind that has none. */
  secret: string | null
}

interface Row {
  tenant_id: string
  kind: KindName
  name: string
  issuer: string
  settings: unknown
  sealed_secret: Uint8Array | null
  username_claim: string
  email_claim: string
  name_claim: string
  groups_claim: string
}

/** An enabled source on the host of its own, active tenant; null otherwise. */
export async function liveSource(id: string, slug: string): Promise<LiveSource | null> {
  const [row] = await callSystem<Row, 'identity_source_live'>('identity_source_live', [id, slug])
  if (!row) return null
  const { kind, name, issuer, settings, sealed_secret: sealed } = row
  return {
    ...{ id, tenantId: row.tenant_id, kind, name, issuer, settings },
    secret: sealed === null ? null : unseal(database().key, secretPlace(row.tenant_id, id), sealed),
    usernameClaim: row.username_claim,
    emailClaim: row.email_claim,
    nameClaim: row.name_claim,
    groupsClaim: row.groups_claim,
  }
}

/** The secret of a source of that tenant, also while it is disabled, for a test; null: it has none. Whoever asks has seen that they may change it. */
export async function storedSecret(tenantId: string, id: string): Promise<string | null> {
  const sealed = await systemValue<Uint8Array | null, 'identity_sealed'>('identity_sealed', [id, tenantId])
  return sealed === null ? null : unseal(database().key, secretPlace(tenantId, id), sealed)
}

/** What the sign-in page says; `sso` says nothing. */
export type Refusal = 'sso' | 'sso-begin' | 'sso-unknown' | 'sso-role' | 'sso-username' | 'sso-taken'
const REFUSAL = {
  closed: 'sso',
  disabled: 'sso',
  unknown: 'sso-unknown',
  no_role: 'sso-role',
  no_username: 'sso-username',
  taken: 'sso-taken',
} as const satisfies Record<string, Refusal>

type Answer =
  { code: keyof typeof REFUSAL } | { code: 'ok'; tenantId: string; userId: string; username: string }
export type Outcome = Extract<Answer, { code: 'ok' }> | { code: keyof typeof REFUSAL; refusal: Refusal }

/** Where somebody signs in, and from where. */
export interface From {
  /** Null: the master's host. */
  slug: string | null
  ip: string
  requestId: string
}

/** Says who somebody is whom the source proved. @param claims what it says of them */
export async function signInProved(
  source: LiveSource,
  { subject, claims }: { subject: string; claims: Record<string, unknown> },
  { slug, ip, requestId }: From,
): Promise<Outcome> {
  const answer = await systemValue<Answer, 'identity_sign_in'>('identity_sign_in', [
    source.id,
    slug ?? MASTER_SLUG,
    source.issuer,
    subject,
    personOf(claims, source),
    groupsOf(claims, source.groupsClaim),
    ip,
    requestId,
  ])
  return answer.code === 'ok' ? answer : { code: answer.code, refusal: REFUSAL[answer.code] }
}

export interface SourceButton {
  id: string
  kind: KindName
  name: string
}

/** The sign-in buttons of a host. */
export const signInButtons = (slug: string | null): Promise<SourceButton[]> =>
  systemValue<SourceButton[], 'identity_buttons'>('identity_buttons', [slug ?? MASTER_SLUG])
