import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveTenant, siteFromPublicUrl, type TenantPrefix } from '@/lib/host'
import { consolePaths, safeReturnPath, tenantOrigin } from '@/lib/paths'
import { isSlug } from '@/lib/slug'

const LOCAL = siteFromPublicUrl('http://localhost:3000')
const PORTAL = siteFromPublicUrl('https://portal.example.com')
const PATHS = siteFromPublicUrl('http://localhost:3000', 'path')

function everyPath(prefix: TenantPrefix): Record<string, string> {
  const entries = Object.entries(consolePaths(prefix))
  const kind = { section: 'infrastructure', slug: 'networks' }
  return Object.fromEntries(
    entries.map(([name, path]) => {
      if (typeof path === 'string') return [name, path]
      const of = path as (...args: unknown[]) => string
      return [name, /kind|resource$/i.test(name) ? of(kind, 'x/y') : of('x/y', 'x/y')]
    }),
  )
}

test('every path', () => {
  expect(everyPath('')).toMatchInlineSnapshot(`
    {
      "account": "/account",
      "accountSecurity": "/account/security",
      "allAudit": "/admin/audit",
      "allTenants": "/all-tenants",
      "allTenantsOf": "/all-tenants?kind=x%2Fy&tenant=x%2Fy",
      "audit": "/audit",
      "backups": "/infrastructure/backups",
      "backupsOf": "/infrastructure/backups?about=x%2Fy",
      "cap": "/admin/roles/x%2Fy",
      "caps": "/admin/roles",
      "cloudEvents": "/activity/events",
      "cloudTasks": "/activity/tasks",
      "cloudTasksOf": "/activity/tasks?about=x%2Fy",
      "connectCloud": "/infrastructure/clouds/connect",
      "connection": "/infrastructure/clouds/x%2Fy/connection",
      "consoleOf": "/infrastructure/virtual-machines/x%2Fy/console",
      "createMachine": "/infrastructure/virtual-machines/create",
      "createMachineIn": "/infrastructure/virtual-machines/create?cloud=x%2Fy",
      "editResource": "/infrastructure/networks/x%2Fy/edit",
      "emergency": "/emergency",
      "enrolHost": "/infrastructure/hosts/new",
      "explain": "/explain",
      "explainPermission": "/explain?permission=x%2Fy&level=x%2Fy",
      "explainThing": "/explain?id=x%2Fy&verb=x%2Fy",
      "forgot": "/forgot",
      "group": "/infrastructure/groups/x%2Fy",
      "groups": "/infrastructure/groups",
      "home": "/",
      "host": "/infrastructure/hosts/x%2Fy",
      "hostMigration": "/infrastructure/hosts/moves/x%2Fy",
      "hostMigrations": "/infrastructure/hosts/moves",
      "hosts": "/infrastructure/hosts",
      "impersonationOver": "/api/impersonation/ended",
      "importResources": "/undefined/undefined/import",
      "importRoles": "/settings/roles/import",
      "invitations": "/settings/users/invitations",
      "kind": "/infrastructure/networks",
      "mail": "/settings/mail",
      "matrix": "/admin/matrix",
      "newCap": "/admin/roles/new",
      "newResource": "/infrastructure/networks/new",
      "newRole": "/settings/roles/new",
      "newTenant": "/admin/tenants/new",
      "organization": "/settings/organization",
      "password": "/account/password",
      "people": "/admin/people",
      "peopleInvitations": "/admin/people/invitations",
      "person": "/admin/people/x%2Fy",
      "providerAccess": "/settings/provider-access",
      "reset": "/reset",
      "resource": "/infrastructure/networks/x%2Fy",
      "role": "/settings/roles/x%2Fy",
      "sessions": "/account/sessions",
      "settingsIdentity": "/settings/identity",
      "settingsPlans": "/settings/plans",
      "settingsRoles": "/settings/roles",
      "settingsSecurity": "/settings/security",
      "settingsSignUp": "/settings/sign-up",
      "settingsTenants": "/settings/tenants",
      "settingsUsers": "/settings/users",
      "setup": "/setup",
      "sharing": "/settings/sharing",
      "sharingIncoming": "/settings/sharing/incoming",
      "signIn": "/login",
      "signInAccount": "/login/account/x%2Fy",
      "signInAs": "/login?hint=x%2Fy",
      "signUp": "/sign-up",
      "signUpFinish": "/sign-up/finish",
      "ssoStart": "/api/sso/x%2Fy/x%2Fy/start",
      "switchTo": "/switch/x%2Fy?next=x%2Fy",
      "task": "/settings/tasks/x%2Fy",
      "tasks": "/settings/tasks",
      "tenant": "/admin/tenants/x%2Fy",
      "tenantAudit": "/admin/tenants/x%2Fy/audit",
      "tenantInvitations": "/admin/tenants/x%2Fy/users/invitations",
      "tenantMembers": "/admin/tenants/x%2Fy/members",
      "tenantNewRole": "/admin/tenants/x%2Fy/roles/new",
      "tenantResources": "/admin/tenants/x%2Fy/resources",
      "tenantRole": "/admin/tenants/x%2Fy/roles/x%2Fy",
      "tenantRoles": "/admin/tenants/x%2Fy/roles",
      "tenantSetup": "/admin/tenants/x%2Fy/setup",
      "tenantUsers": "/admin/tenants/x%2Fy/users",
      "tenants": "/admin/tenants",
      "userRights": "/settings/users/x%2Fy/rights",
      "userSessions": "/settings/users/x%2Fy/sessions",
      "verify": "/verify",
    }
  `)
})

test('every path has the prefix in path mode', () => {
  const plain = everyPath('')
  for (const [name, path] of Object.entries(everyPath('/t/acme'))) {
    expect(path).toBe(name === 'home' ? '/t/acme' : `/t/acme${plain[name]}`)
  }
})

describe('tenantOrigin', () => {
  test.each([
    ['acme', LOCAL, 'http://acme.localhost:3000'],
    [null, LOCAL, 'http://localhost:3000'],
    ['acme', PORTAL, 'https://acme.portal.example.com'],
    [null, PORTAL, 'https://portal.example.com'],
    ['acme', PATHS, 'http://localhost:3000/t/acme'],
    [null, PATHS, 'http://localhost:3000'],
  ])('%s', (slug, site, origin) => expect(tenantOrigin(slug, site)).toBe(origin))

  test('leads back to the same tenant', () => {
    const slug = fc.stringMatching(/^[a-z][a-z0-9-]{1,20}[a-z0-9]$/).filter(isSlug)
    fc.assert(
      fc.property(slug, fc.constantFrom(LOCAL, PORTAL, PATHS), (name, site) => {
        const url = new URL(tenantOrigin(name, site) + '/audit')
        expect(resolveTenant(url.host, url.pathname, site)).toMatchObject({
          kind: 'tenant',
          slug: name,
          path: '/audit',
        })
      }),
    )
  })
})

describe('safeReturnPath', () => {
  test.each([
    ['/', '', '/'],
    ['/audit?page=2&q=a%2Fb#x', '', '/audit?page=2&q=a%2Fb#x'],
    ['/team', '', '/team'],
    ['/t/acme/audit', '/t/acme', '/t/acme/audit'],
    ['/t/acme?x=1', '/t/acme', '/t/acme?x=1'],
  ] as const)('keeps %j under %j', (value, prefix, expected) => {
    expect(safeReturnPath(value, prefix)).toBe(expected)
  })

  test.each([
    null,
    undefined,
    '',
    'audit',
    '//evil.com',
    '/\\evil.com',
    '\\evil.com',
    '\\\\evil.com',
    '/%5Cevil.com',
    '/%2Fevil.com',
    '/audit/../../t/bolt',
    'https://evil.com',
    'https://bolt.localhost:3000/',
    'javascript:alert(1)',
    'data:text/html,x',
    ' /audit',
    '/audit\n',
    '/\t/evil.com',
    '/audit?x=\\evil',
    '/t/bolt/audit',
    '/t/acmeevil',
    '/t',
    '/login',
    '/login?next=/audit',
    '/emergency',
    '/sign-up/finish',
    '/api/auth/signout',
    `/${'a'.repeat(3000)}`,
  ])('turns %j into home', (value) => {
    expect(safeReturnPath(value, '')).toBe('/')
    expect(safeReturnPath(value, '/t/acme')).toBe('/t/acme')
  })

  test('whatever it returns stays on the same origin', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.stringMatching(/^[/\\t:.a-z]*$/)),
        (value) => {
          expect(new URL(safeReturnPath(value, ''), 'http://acme.localhost:3000').host).toBe(
            'acme.localhost:3000',
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})
