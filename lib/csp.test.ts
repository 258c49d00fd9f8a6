import { describe, expect, test } from 'vitest'
import { baseSecurityHeaders, contentSecurityPolicy } from '@/lib/csp'
import { siteFromPublicUrl } from '@/lib/host'

const LOCAL = siteFromPublicUrl('http://localhost:3000')
const PORTAL = siteFromPublicUrl('https://portal.example.com')
const PATHS = siteFromPublicUrl('https://portal.example.com', 'path')

function directive(name: string, site = LOCAL, isMaster = true, dev = false): string | undefined {
  const policy = contentSecurityPolicy({ nonce: 'bm9uY2U=', site, isMaster, dev })
  return policy.split('; ').find((part) => part.startsWith(`${name} `))
}

describe('contentSecurityPolicy', () => {
  test('scripts need the nonce', () => {
    expect(directive('script-src')).toBe("script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic'")
    expect(directive('script-src', LOCAL, true, true)).toContain("'unsafe-eval'")
  })

  test('a production page connects only to itself', () => {
    expect(directive('connect-src')).toBe("connect-src 'self'")
    expect(directive('frame-ancestors')).toBe("frame-ancestors 'none'")
    expect(directive('base-uri')).toBe("base-uri 'none'")
  })

  test.each([
    [LOCAL, true, "form-action 'self' http://*.localhost:3000"],
    [LOCAL, false, "form-action 'self' http://localhost:3000"],
    [PORTAL, true, "form-action 'self' https://*.portal.example.com"],
    [PORTAL, false, "form-action 'self' https://portal.example.com"],
    [PATHS, true, "form-action 'self'"],
    [PATHS, false, "form-action 'self'"],
  ])('forms lead no further than the sign-in hand-off: %#', (site, isMaster, expected) => {
    expect(directive('form-action', site, isMaster)).toBe(expected)
  })
})

test.each([
  [LOCAL, undefined],
  [PORTAL, 'max-age=63072000; includeSubDomains'],
  [PATHS, 'max-age=63072000'],
])('HSTS only under https: %#', (site, expected) => {
  const headers = baseSecurityHeaders(site)
  expect(headers['Strict-Transport-Security']).toBe(expected)
  expect(headers['Cache-Control']).toBe('no-store')
})
