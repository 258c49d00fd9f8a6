import { randomUUID } from 'node:crypto'
import { cookieHeader, query, requestAs } from '../fixtures/http'
import { fillSignIn, signIn } from '../fixtures/people'
import { demo, printed } from '../fixtures/site'
import { expect, test } from '../fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
const PASSWORD = printed('E2E_DEMO_PASSWORD')

test('B01: a session of Acme is nothing on any other host', async ({ asUser }) => {
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(acme)
  const cookie = await cookieHeader(ada, acme)
  for (const [path, status] of [
    ['/', 200],
    ['/infrastructure/hosts', 200],
    ['/api/trpc/account.me', 200],
    ['/api/hosts/export.csv', 200],
  ] as const) {
    expect((await requestAs(acme + path, { cookie })).status, `${path} on Acme's own host`).toBe(status)
    const refused = path.startsWith('/api') ? 401 : 307
    for (const origin of [bolt, demo.main, demo.tenant('cobalt'), demo.tenant('nobody-here')]) {
      const answer = await requestAs(origin + path, { cookie })
      expect(answer.status, `${path} on ${origin}`).toBe(refused)
      expect(answer.body).not.toContain('acme')
    }
  }
  // Nor does the browser send it there.
  await ada.goto(bolt)
  await expect(ada).toHaveURL(`${bolt}/login`)
})

test('B10: cookies that a sibling plants take nobody over', async ({ asUser, newVisitor, complaints }) => {
  complaints.expect(/status of 431/)
  const bo = await asUser("Bo, Bolt's admin")
  await bo.goto(bolt)
  const [planted] = await bo.context().cookies(bolt)
  const ada = await asUser("Ada, Acme's owner")
  const names = async (page: typeof ada) =>
    (await query<{ rows: { name: string }[] }>(page, 'hosts.list', {})).rows.map(({ name }) => name)
  await ada.goto(acme)
  const own = await names(ada)
  expect(own).toContain('acme-ci-1')
  expect(await names(bo)).not.toContain('acme-ci-1')

  // The way that a script on Bolt's host has: the browser does not take a cookie for all of localhost.
  await ada.goto(`${bolt}/login`)
  await ada.evaluate((value) => {
    document.cookie = `fh=${value}; Domain=localhost; Path=/`
    document.cookie = `fh=${value}; Domain=.localhost; Path=/`
  }, planted!.value)
  expect((await ada.context().cookies(acme)).filter(({ name }) => name === 'fh')).toHaveLength(1)
  await ada.goto(acme)
  expect(await names(ada)).toEqual(own)

  // Where a browser did take it, two sessions arrive: neither is believed, and nobody becomes Bo.
  const cookie = await cookieHeader(ada, acme)
  const fh = cookie.split('; ').find((pair) => pair.startsWith('fh='))!
  for (const both of [`${fh}; fh=${planted!.value}`, `fh=${planted!.value}; ${fh}`]) {
    const answer = await requestAs(`${acme}/infrastructure/hosts`, { cookie: both })
    expect(answer.status).toBe(307)
    expect(answer.headers.location).toMatch(/^\/login/)
  }
  expect((await requestAs(acme, { cookie: `fh=${planted!.value}` })).headers.location).toBe('/login')

  // Cookies until the server gives up: it says so, and works on without them.
  const many = Array.from({ length: 60 }, (_, i) => `junk${i}=${'x'.repeat(400)}`).join('; ')
  expect((await requestAs(acme, { cookie: many })).status).toBe(431)
  const visitor = await newVisitor()
  await visitor.goto(`${acme}/login`)
  await visitor.evaluate(() => {
    for (let i = 0; i < 20; i++) document.cookie = `fh-csrf${i}=${'x'.repeat(200)}; Path=/`
    document.cookie = 'fh=planted; Path=/'
  })
  await signIn(visitor, acme, 'tom', PASSWORD)
})

test('two tabs of one browser hold two tenants', async ({ newVisitor }) => {
  const first = await newVisitor()
  await signIn(first, acme, 'ada', PASSWORD)
  const second = await first.context().newPage()
  await signIn(second, bolt, 'bo', PASSWORD)
  const third = await first.context().newPage()
  await signIn(third, demo.main, 'mara', PASSWORD)
  for (const [page, name, tenant] of [
    [first, 'Ada', 'Acme Retail'],
    [second, 'Bo', 'Bolt Manufacturing'],
    [third, 'Mara', 'Northwind Managed Services'],
  ] as const) {
    await page.reload()
    await expect(page.getByRole('heading', { name: `Welcome, ${name}` })).toBeVisible()
    await expect(page.getByRole('banner')).toContainText(tenant)
  }
  await second.goto(`${bolt}/infrastructure/hosts`)
  await expect(second.getByRole('link', { name: 'bolt-historian' })).toBeVisible()
  await expect(second.getByText('acme-ci-1')).toHaveCount(0)
})

test('after signing out, "back" shows nothing', async ({ newVisitor }) => {
  const page = await newVisitor()
  await signIn(page, acme, 'tom', PASSWORD)
  await page.goto(`${acme}/infrastructure/hosts`)
  await expect(page.getByRole('link', { name: 'acme-ci-1' })).toBeVisible()
  const cookie = await cookieHeader(page, acme)
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${acme}/login`)
  await page.goBack()
  await expect(page.getByLabel('Username')).toBeVisible()
  await expect(page.getByText('acme-ci-1')).toHaveCount(0)
  // A copy of the cookie is worth nothing either.
  expect((await requestAs(`${acme}/api/trpc/account.me`, { cookie })).status).toBe(401)
})

test('B11: nobody is led away after signing in', async ({ asUser, newVisitor }) => {
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(acme)
  const cookie = await cookieHeader(ada, acme)
  const landing = async (next: string) => {
    const answer = await requestAs(`${acme}/login?next=${encodeURIComponent(next)}`, { cookie })
    expect(answer.status).toBe(307)
    return answer.headers.location
  }
  expect(await landing('/infrastructure/hosts?q=web')).toBe('/infrastructure/hosts?q=web')
  for (const next of [
    '//evil.example',
    '///evil.example',
    '\\evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/%2f/evil.example',
    '/..//evil.example',
    '/t/bolt/infrastructure/hosts',
    `${bolt}/`,
    '/login?next=//evil.example',
    '/api/auth/signout',
    '\t//evil.example',
  ]) {
    expect(await landing(next), JSON.stringify(next)).toBe('/')
  }
  const page = await newVisitor()
  await page.goto(`${acme}/login?next=${encodeURIComponent('//evil.example/')}`)
  await fillSignIn(page, 'tom', PASSWORD)
  await expect(page.getByRole('heading', { name: 'Welcome, Tom' })).toBeVisible()
  expect(page.url()).toBe(`${acme}/`)
  // And the good twin of it.
  const other = await newVisitor()
  await other.goto(`${acme}/infrastructure/hosts?q=ci`)
  await expect(other).toHaveURL(/\/login\?next=/)
  await fillSignIn(other, 'tom', PASSWORD)
  await expect(other).toHaveURL(`${acme}/infrastructure/hosts?q=ci`)
})

test("Acme's host is not there for Bolt", async ({ asUser, complaints }) => {
  complaints.expect(/status of 404/)
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(acme)
  const { rows } = await query<{ rows: { id: string; name: string }[] }>(ada, 'hosts.list', {
    search: 'acme-ci-1',
  })
  const bo = await asUser("Bo, Bolt's admin")
  await bo.goto(bolt)
  const cookie = await cookieHeader(bo, bolt)
  const twin = await requestAs(`${acme}/infrastructure/hosts/${rows[0]!.id}`, {
    cookie: await cookieHeader(ada, acme),
  })
  expect(twin.status).toBe(200)
  expect(twin.body).toContain('acme-ci-1')
  const hidden = await requestAs(`${bolt}/infrastructure/hosts/${rows[0]!.id}`, { cookie })
  const random = await requestAs(`${bolt}/infrastructure/hosts/${randomUUID()}`, { cookie })
  expect([hidden.status, random.status]).toEqual([404, 404])
  expect(hidden.body).not.toContain('acme')
})
