import { expect, it, vi } from 'vitest'

/** What the mails and the refused page lead to, as an installation with these settings makes them. */
async function links(tenantUrls: 'subdomain' | 'path') {
  vi.stubEnv('PUBLIC_URL', 'https://portal.example.com')
  vi.stubEnv('TENANT_URLS', tenantUrls)
  vi.resetModules()
  const recovery = await import('@/server/features/recovery/recovery.mail')
  const { invitationMail } = await import('@/server/features/invitations/invitations.mail')
  const { emergencyMail } = await import('@/server/features/allow-list/emergency.mail')
  const { refusedPage } = await import('@/server/http/refused-page')
  const to = { slug: 'acme', tenant: 'Acme', username: 'tom', email: 'tom@acme.example' }
  const ours = { ...to, slug: 'default' }
  const [host, path] =
    tenantUrls === 'path' ? ['portal.example.com', '/t/acme/audit'] : ['acme.portal.example.com', '/audit']
  const facts = { host, path, cookie: null, ip: '192.0.2.7', userAgent: '', requestId: 'x' }
  return {
    mails: [
      recovery.resetMail(to, 'T'),
      recovery.verifyMail(to, 'T'),
      invitationMail({ name: 'Acme', slug: 'acme' }, to.email, 'Ada', 'T'),
      emergencyMail(to, 'tom', '192.0.2.7'),
      recovery.resetMail(ours, 'T'),
    ].map(({ action }) => action?.href),
    // Told without a link: whoever gets it knows where they work.
    plain: [
      recovery.passwordChangedMail(to),
      recovery.factorRemovedMail(to),
      recovery.addressChangedMail(to, 'x'),
    ].map(({ action }) => action),
    refused: /href="([^"]*)"/.exec(await refusedPage(facts).text())?.[1],
  }
}

it.each([
  ['subdomain', 'https://acme.portal.example.com', '/emergency'],
  ['path', 'https://portal.example.com/t/acme', '/t/acme/emergency'],
] as const)('links lead to the tenant’s own address: %s', async (mode, origin, emergency) => {
  expect(await links(mode)).toEqual({
    mails: [
      `${origin}/reset#T`,
      `${origin}/verify#T`,
      `${origin}/invitation#T`,
      `${origin}/settings/security`,
      'https://portal.example.com/reset#T',
    ],
    plain: [undefined, undefined, undefined],
    refused: emergency,
  })
})
