import { expect, test } from 'vitest'
import { permissionAt } from '@/app/_lib/page-at'

test.each([
  ['/audit', ['audit', 'read']],
  ['/infrastructure/networks', ['networks', 'read']],
  ['/infrastructure/hosts/0b9c1c1e-0000-4000-8000-000000000000', ['hosts', 'read']],
  ['/admin/tenants/new', ['tenants', 'full']],
  ['/admin/tenants/0b9c1c1e-0000-4000-8000-000000000000/users', ['tenantUsers', 'read']],
  ['/', null],
  ['/account', null],
  ['/infrastructure/nothing', null],
  ['/nowhere/at/all', null],
])('%s needs %j', (path, permission) => {
  expect(permissionAt(path)).toEqual(permission)
})
