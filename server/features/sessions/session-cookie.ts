import { sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'

/** As long as a session lives at most (wall.session_create); the database decides, the cookie only follows. */
export const SESSION_SECONDS = 12 * 60 * 60

/**
 * A Set-Cookie value: host-only, not readable by scripts, not sent by other sites' forms, over https only where the install
 * is https (`__Host-` demands it). Values are our own tokens: base64url, '.', '~'.
 * @param seconds how long it lives; 0 removes it
 */
export function cookieOf(name: string, value: string, seconds: number): string {
  const secure = siteConfig().scheme === 'https' ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

/** The session's own. @param slug null on the master's host */
export const cookieOfSession = (slug: string | null, token: string): string =>
  cookieOf(sessionCookie(slug), token, SESSION_SECONDS)
