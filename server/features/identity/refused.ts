import { systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'
import { countAttempt } from '@/server/platform/rate-limit'
import type { From, LiveSource } from './sso.service'

/** What went wrong, without anything that a provider, a directory or a browser sent. */
export function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^[A-Za-z_-]{1,60}$/.test(code)) return code
  return error instanceof Error ? error.name : 'error'
}

/** Of all sources of a tenant together: whoever knocks does not fill its log. */
const AUDITS_A_MINUTE = 20

/**
 * Writes a refused sign-in to the log of the source's tenant. @param reason fixed words or a code: never a token or claim
 * @param login what was typed, where it has the form of a name
 */
export async function auditRefused(
  source: LiveSource,
  reason: string,
  { ip, requestId }: Pick<From, 'ip' | 'requestId'>,
  login: string | null = null,
): Promise<void> {
  log().warn({ requestId, source: source.id, reason }, 'a sign-in by an identity source was refused')
  const bucket = `sign-in.audit:${source.tenantId}`
  if ((await countAttempt([{ bucket, seconds: 60, attempts: AUDITS_A_MINUTE }])) > 0) return
  const event = {
    event: 'session.sign_in',
    targetKind: 'identitySource',
    targetId: source.id,
    targetName: source.name,
    result: 'denied',
    reason,
    ...(login !== null && { after: { login } }),
    ip,
    requestId,
  }
  await systemValue<null, 'audit_system'>('audit_system', [source.tenantId, null, 'nobody', event])
}
