import { expect, test } from 'vitest'
import { isInternalHeader } from '@/lib/request-headers'

test.each([
  'x-freehold-path',
  'x-freehold-ip',
  'x-freehold-anything',
  'x-middleware-subrequest',
  'x-middleware-rewrite',
  'x-middleware-override-headers',
  'x-middleware-request-x-tenant',
  'x-invoke-path',
  'x-invoke-status',
  'x-matched-path',
  'x-now-route-matches',
  'x-nextjs-data',
  'x-nextjs-request-id',
  'x-tenant',
  'x-tenant-id',
  'x-user-id',
  'x-original-url',
  'x-rewrite-url',
  'x-http-method-override',
  'x-prerender-revalidate',
  'content-security-policy',
  'next-resume',
])('%s is refused', (name) => expect(isInternalHeader(name)).toBe(true))

test.each([
  'host',
  'cookie',
  'rsc',
  'next-router-state-tree',
  'next-router-prefetch',
  'next-router-segment-prefetch',
  'next-url',
  'next-action',
  'x-org-id',
  'x-pulse-org-id',
  'authorization',
  'origin',
])('%s passes', (name) => expect(isInternalHeader(name)).toBe(false))

test('development keeps what hot reload sends', () => {
  expect(isInternalHeader('x-nextjs-request-id', true)).toBe(false)
  expect(isInternalHeader('x-nextjs-data', true)).toBe(true)
})
