import { expect, test } from 'vitest'
import { landingOf } from '@/lib/landing'
import { consolePaths } from '@/lib/paths'
import { type Level, PERMISSION_NAMES, type Permission } from '@/lib/permissions'

const rights = (...seen: Permission[]) =>
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, seen.includes(name) ? 'read' : 'none'])) as Record<
    Permission,
    Level
  >
const person = {
  isMaster: false,
  rights: rights('hosts', 'audit', 'tenants'),
  roles: [] as string[],
  cap: '',
}

test('a user role’s page beats the tenant role’s; what may not be seen is passed over; else home', () => {
  const paths = consolePaths('/t/acme')
  const at = (more: Partial<typeof person>) => landingOf({ ...person, ...more }, paths)
  expect(at({})).toBe(null)
  expect(at({ cap: 'audit' })).toBe('/t/acme/audit')
  expect(at({ roles: ['', 'hosts'], cap: 'audit' })).toBe('/t/acme/infrastructure/hosts')
  expect(at({ roles: ['users', 'account'] })).toBe('/t/acme/account')
  expect(at({ roles: ['users'] })).toBe(null)
  expect(at({ roles: ['//evil.example', '/etc', 'tenants'] })).toBe(null)
  expect(landingOf({ ...person, isMaster: true, roles: ['tenants'] }, consolePaths(''))).toBe(
    '/admin/tenants',
  )
})
