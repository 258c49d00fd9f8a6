import { randomUUID } from 'node:crypto'
import os from 'node:os'
import type { Browser, Page } from '@playwright/test'
import { RealAgent } from './fixtures/agent'
import { expectAccessible } from './fixtures/axe'
import { differences, essence } from './fixtures/compare'
import { Complaints } from './fixtures/complaints'
import { cookieHeader, query, requestAs } from './fixtures/http'
import { waitingToBeLive } from './fixtures/live'
import { fillSignIn, formIsLive, signIn } from './fixtures/people'
import { fresh, printed } from './fixtures/site'
import { expect, test } from './fixtures/test'

// One story, told in order on the server that nobody has set up yet. This machine is the host in it.
test.describe.configure({ mode: 'serial', timeout: 120_000 })

const acme = fresh.tenant('acme')
const bolt = fresh.tenant('bolt')
const MARA = 'nine purple teapots sing'
const TEMPORARY = 'seven quiet lanterns hum'
const TOM = 'eleven brave otters swim'
const REASON = 'Invoices unpaid since March'

const agent = new RealAgent()
const complaints = new Complaints()
const pages: Page[] = []
let mara: Page
let tom: Page
let bo: Page
let host: { id: string; name: string }
let acmePage: string

async function newPerson(browser: Browser): Promise<Page> {
  const context = await browser.newContext()
  complaints.watch(context)
  const page = waitingToBeLive(await context.newPage())
  pages.push(page)
  return page
}

test.beforeAll(async ({ browser }) => {
  mara = await newPerson(browser)
  tom = await newPerson(browser)
  bo = await newPerson(browser)
})
test.afterEach(() => {
  expect(complaints.take(), 'Complaints of the browser').toEqual([])
})
test.afterAll(async () => {
  await agent.remove()
  for (const page of pages) await page.context().close()
})

test('the one-time code sets the installation up, once', async ({ browser }) => {
  complaints.expect(/setup\.finish.*status of 400/, /setup: .*status of 404/)
  await mara.goto(fresh.main)
  await expect(mara).toHaveURL(`${fresh.main}/setup`)
  await expectAccessible(mara)
  const fill = async (code: string) => {
    await mara.getByLabel('One-time code').fill(code)
    await mara.getByLabel('Organisation').fill('Northwind')
    await mara.getByLabel('First name').fill('Mara')
    await mara.getByLabel('Last name').fill('Quist')
    await mara.getByLabel('Username').fill('mara')
    await mara.getByLabel('E-mail address').fill('mara@northwind.example')
    await mara.getByLabel(/^Password\W*$/).fill(MARA)
    await mara.getByLabel(/^Password, once more/).fill(MARA)
    await mara.getByRole('button', { name: 'Finish set-up' }).click()
  }
  await fill('AAAA-AAAA-AAAA-AAAA')
  await expect(mara.getByText('This is not the code that stands in the terminal.').first()).toBeVisible()
  await fill(printed('E2E_SETUP_CODE').toLowerCase())
  await expect(mara.getByRole('heading', { name: 'Welcome, Mara' })).toBeVisible()
  await expectAccessible(mara)

  const stranger = await newPerson(browser)
  const answer = await stranger.goto(`${fresh.main}/setup`)
  expect(answer?.status()).toBe(404)
})

test('Mara turns multi-tenancy on, with its warning', async () => {
  await mara.goto(`${fresh.main}/settings/tenants`)
  await mara.getByRole('switch', { name: /^Off/ }).click()
  const dialog = mara.getByRole('dialog')
  await expect(dialog).toContainText('This changes much')
  await expect(dialog).toContainText('stays there')
  await expectAccessible(mara)
  await dialog.getByLabel('I have read what changes').check()
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await expect(mara.getByRole('switch', { name: /^On/ })).toBeChecked()
  await expect(mara.getByText('Trial', { exact: true })).toBeVisible()
  await expectAccessible(mara)
})

test('Mara creates Acme and Bolt, leaves the guided set-up and finds it again', async () => {
  await mara.goto(`${fresh.main}/admin/tenants`)
  await mara.getByRole('link', { name: 'Create tenant' }).first().click()
  await expect(mara.getByLabel('Subdomain')).toBeVisible()
  await mara.getByLabel(/^Name\W*$/).fill('Acme')
  await expect(mara.getByLabel('Subdomain')).toHaveValue('acme')
  await mara.getByLabel('Base role').selectOption({ label: 'Organization' })
  await mara.getByLabel('Description').fill('Shops in the north')
  await mara.getByText('Advanced options').click()
  await mara.getByLabel('Account number').fill('NW-1001')
  await expect(mara.getByText('Free', { exact: true })).toBeVisible()
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Create tenant' }).click()

  await expect(mara).toHaveURL(/\/admin\/tenants\/[0-9a-f-]{36}\/setup$/)
  const checklist = mara.getByRole('region', { name: 'Set up Acme' })
  await expect(checklist).toContainText('First user')
  await expectAccessible(mara)
  await checklist.getByRole('link', { name: 'Leave for now' }).click()
  await expect(mara.getByText('Its set-up is not finished')).toBeVisible()
  acmePage = mara.url()
  await mara.getByRole('link', { name: 'Go on' }).click()
  await expect(mara.getByRole('region', { name: 'Set up Acme' })).toBeVisible()

  await mara.goto(`${fresh.main}/admin/tenants/new`)
  await mara.getByLabel(/^Name\W*$/).fill('Bolt')
  await mara.getByRole('button', { name: 'Create tenant' }).click()
  await expect(mara.getByRole('region', { name: 'Set up Bolt' })).toBeVisible()
})

test('Mara creates Ada and Tom in Acme, Bo in Bolt', async () => {
  const create = async (first: string, last: string, role: string) => {
    await mara.getByRole('button', { name: 'Create user' }).first().click()
    const dialog = mara.getByRole('dialog')
    await dialog.getByLabel('First name').fill(first)
    await dialog.getByLabel('Last name').fill(last)
    await dialog.getByLabel('Username').fill(first.toLowerCase())
    await dialog.getByLabel('Email').fill(`${first.toLowerCase()}@example.com`)
    await dialog.getByLabel('Role 1', { exact: true }).selectOption({ label: role })
    await dialog.getByRole('radio', { name: /^Type one/ }).check()
    await dialog.getByLabel(/^Password\W*$/).fill(TEMPORARY)
    await dialog.getByLabel(/^Password, once more/).fill(TEMPORARY)
    if (first === 'Ada') await expectAccessible(mara)
    await dialog.getByRole('button', { name: 'Create user' }).click()
    await expect(mara.getByRole('row', { name: new RegExp(`${first} ${last}`) })).toBeVisible()
  }
  await mara.goto(`${acmePage}/users`)
  await create('Ada', 'Lindqvist', 'Admin')
  await create('Tom', 'Baker', 'Viewer')
  await mara.goto(`${fresh.main}/admin/tenants`)
  await mara.getByRole('link', { name: 'Bolt' }).click()
  await mara.getByRole('navigation', { name: 'Tenant' }).getByRole('link', { name: 'Users' }).click()
  await create('Bo', 'Nakamura', 'Admin')
})

test('Mara enrols this machine by the real installer, and sees it arrive without a reload', async () => {
  const list = await mara.context().newPage()
  await list.goto(`${fresh.main}/infrastructure/hosts`)
  await expect(list.getByText('No hosts yet')).toBeVisible()
  await list.evaluate(() => Object.assign(window, { notReloaded: true }))

  await mara.goto(`${fresh.main}/infrastructure/hosts/new`)
  await mara.getByLabel('Name').fill('First light')
  await mara.getByRole('button', { name: 'Make the command' }).click()
  const command = await mara.getByRole('region', { name: 'install command' }).innerText()
  expect(command).toMatch(
    /^curl -fsSL http:\/\/localhost:\d+\/agent\/install\.sh \| FREEHOLD_TOKEN=fhe_\S+ sh$/,
  )
  await expect(mara.getByText('Waiting for the machine.')).toBeVisible()
  await expectAccessible(mara)
  await mara.evaluate(() => Object.assign(window, { notReloaded: true }))

  await list.bringToFront()
  const installed = await agent.install(command)
  expect(installed.output).toContain('This machine is enrolled as host')
  expect(installed.code).toBe(0)
  const row = list.getByRole('row', { name: new RegExp(os.hostname()) })
  await expect(row).toContainText('Online', { timeout: 20_000 })
  await mara.bringToFront()
  await expect(mara.getByText('The machine is enrolled')).toBeVisible({ timeout: 20_000 })
  for (const page of [mara, list]) {
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
  }
  await list.close()

  await mara.getByRole('link', { name: `Open ${os.hostname()}` }).click()
  await expect(mara.getByRole('heading', { name: os.hostname() })).toBeVisible()
  await expect(mara.getByText(os.release()).first()).toBeVisible()
  const hosts = await query<{ rows: (typeof host)[] }>(mara, 'hosts.list', {})
  expect(hosts.rows).toHaveLength(1)
  host = hosts.rows[0]!
  // A token for one machine is used up.
  const second = new RealAgent()
  expect((await second.install(command)).output).toContain('not enrolled')
  expect(second.isInstalled).toBe(false)
  await second.remove()
})

test('Mara assigns it to Acme', async () => {
  await mara.goto(`${fresh.main}/infrastructure/hosts`)
  await mara.getByRole('button', { name: `Actions for ${host.name}` }).click()
  await mara.getByRole('menuitem', { name: /^Assign Tenant/ }).click()
  const dialog = mara.getByRole('dialog', { name: `Assign ${host.name}` })
  await dialog.getByRole('button', { name: 'Tenant' }).click()
  await mara.getByRole('option', { name: 'Acme' }).click()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Assign' }).click()
  await expect(mara.getByRole('row', { name: new RegExp(host.name) })).toContainText('Acme')
})

test("Tom changes his first password, and sees the host on Acme's own host", async () => {
  await tom.goto(`${acme}/login`)
  await fillSignIn(tom, 'tom', TEMPORARY)
  await expect(tom).toHaveURL(`${acme}/account/password`)
  await expect(tom.getByText('Choose a password of your own first')).toBeVisible()
  await expectAccessible(tom)
  // Nothing else is to be had before that.
  await tom.goto(`${acme}/infrastructure/hosts`)
  await expect(tom).toHaveURL(`${acme}/account/password`)
  await formIsLive(tom)
  await tom.getByLabel('Current password').fill(TEMPORARY)
  await tom.getByLabel(/^New password\W*$/).fill(TOM)
  await tom.getByLabel(/^New password, once more/).fill(TOM)
  await tom.getByRole('button', { name: 'Change password' }).click()
  await expect(tom.getByRole('heading', { name: 'Welcome, Tom' })).toBeVisible()

  await tom.getByRole('link', { name: 'Hosts' }).click()
  const row = tom.getByRole('row', { name: new RegExp(host.name) })
  await expect(row).toContainText('Online')
  await expect(row).toContainText('Assigned to you')
  await row.getByRole('link', { name: host.name }).click()
  await expect(tom.getByRole('heading', { name: host.name })).toBeVisible()
  await expect(tom.getByText('Your provider', { exact: true })).toBeVisible()
})

test("on the main host acme\\tom leads to Acme's, signed in", async ({ browser }) => {
  complaints.expect(/callback\/credentials.*status of 401/)
  const visitor = await newPerson(browser)
  await visitor.goto(`${fresh.main}/login`)
  await fillSignIn(visitor, 'tom', TOM) // a bare name is a user of the master
  await expect(visitor.getByText('The username or password is wrong.')).toBeVisible()
  await fillSignIn(visitor, 'acme\\tom', TOM)
  await expect(visitor.getByRole('heading', { name: 'Welcome, Tom' })).toBeVisible()
  expect(visitor.url()).toBe(`${acme}/`)
  await visitor.goto(`${acme}/infrastructure/hosts`)
  await expect(visitor.getByRole('link', { name: host.name })).toBeVisible()
  expect(await visitor.context().cookies(fresh.main)).not.toContainEqual(
    expect.objectContaining({ name: 'fh' }),
  )
})

test('for Bo of Bolt the host is not there at all', async () => {
  complaints.expect(/status of 404/)
  await bo.goto(`${bolt}/login`)
  await fillSignIn(bo, 'bo', TEMPORARY)
  await expect(bo).toHaveURL(`${bolt}/account/password`)
  await formIsLive(bo)
  await bo.getByLabel('Current password').fill(TEMPORARY)
  await bo.getByLabel(/^New password\W*$/).fill(TOM)
  await bo.getByLabel(/^New password, once more/).fill(TOM)
  await bo.getByRole('button', { name: 'Change password' }).click()
  await expect(bo.getByRole('heading', { name: 'Welcome, Bo' })).toBeVisible()

  const cookie = await cookieHeader(bo, bolt)
  const random = randomUUID()
  const see = async (id: string) => {
    const answer = await bo.goto(`${bolt}/infrastructure/hosts/${id}`)
    await expect(bo.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
    return { status: answer?.status(), title: await bo.title(), text: await bo.locator('body').innerText() }
  }
  expect(await see(host.id)).toEqual(await see(random))
  const paths = [
    '/infrastructure/hosts/(id)',
    `/api/trpc/hosts.get?input=${encodeURIComponent('{"id":"(id)"}')}`,
  ]
  for (const path of paths.map((text) => text.replace('(id)', '%id%').replace('%28id%29', '%id%'))) {
    const answer = async (id: string) =>
      essence(await requestAs(bolt + path.replace('%id%', id), { cookie }), id)
    const [hidden, unknown] = [await answer(host.id), await answer(random)]
    expect(hidden.status).toBe(404)
    expect(differences(hidden, unknown)).toEqual([])
  }

  await bo.goto(bolt)
  await expect(bo.locator('#main').getByText('Hosts', { exact: true }).locator('..')).toContainText('0')
  await bo.goto(`${bolt}/infrastructure/hosts`)
  await expect(bo.getByText('No hosts yet')).toBeVisible()
  await bo.goto(`${bolt}/infrastructure/hosts?q=${host.name}`)
  await expect(bo.getByText('No match')).toBeVisible()
  await bo.keyboard.press('Control+k')
  await bo.getByPlaceholder('Go to or search').fill(host.name)
  await expect(bo.getByText(`Nothing found for “${host.name}”.`)).toBeVisible()
  const csv = await requestAs(`${bolt}/api/hosts/export.csv`, { cookie })
  expect(csv.body.trim().split('\n')).toHaveLength(1)
})

test('disabling Acme puts Tom out within a second and refuses its agent; enabling brings all back', async () => {
  complaints.expect(/api\/events.*(401|ERR_)/, /status of 401/)
  const reportOf = async (): Promise<string | undefined> => {
    await agent.reportNow()
    return agent.lastAnswer()
  }
  await expect.poll(reportOf, { timeout: 20_000, intervals: [2000] }).toBe('200')
  await tom.goto(`${acme}/infrastructure/hosts`)
  await expect(tom.getByRole('link', { name: host.name })).toBeVisible()
  const cookie = await cookieHeader(tom, acme)
  const isIn = async () => (await requestAs(`${acme}/api/trpc/account.me`, { cookie })).status === 200
  expect(await isIn()).toBe(true)

  await mara.goto(acmePage)
  await mara.getByRole('button', { name: 'More actions' }).click()
  await mara.getByRole('menuitem', { name: 'Disable' }).click()
  const dialog = mara.getByRole('dialog')
  await dialog.getByLabel('Reason').fill(REASON)
  await expectAccessible(mara)
  const done = mara.waitForResponse(/disableMany/)
  await dialog.getByRole('button', { name: 'Disable' }).click()
  await done
  const disabled = performance.now()
  while (await isIn()) expect(performance.now() - disabled).toBeLessThan(1000)
  const requestOut = Math.round(performance.now() - disabled)
  await expect(tom).toHaveURL(/\/login/, { timeout: 5000 })
  const pageOut = Math.round(performance.now() - disabled)
  test.info().annotations.push({
    type: 'measured',
    description: `request out ${requestOut} ms, page out ${pageOut} ms`,
  })
  expect(requestOut).toBeLessThan(1000)
  await fillSignIn(tom, 'tom', TOM)
  await expect(tom.getByText('The username or password is wrong.')).toBeVisible()
  await expect(mara.getByText('This tenant is disabled')).toBeVisible()
  await expect(mara.getByText(REASON)).toBeVisible()

  await expect.poll(reportOf, { timeout: 30_000, intervals: [2500] }).toBe('403')

  await mara.getByRole('button', { name: 'More actions' }).click()
  await mara.getByRole('menuitem', { name: 'Enable' }).click()
  await mara.getByRole('dialog').getByRole('button', { name: 'Enable' }).click()
  await expect(mara.getByText('This tenant is disabled')).toBeHidden()
  await expect.poll(reportOf, { timeout: 30_000, intervals: [2500] }).toBe('200')
  await signIn(tom, acme, 'tom', TOM)
  await tom.goto(`${acme}/infrastructure/hosts`)
  await expect(tom.getByRole('row', { name: new RegExp(host.name) })).toContainText('Online')
})

test('all of it stands in the audit log, and the agent goes without a trace', async () => {
  await mara.goto(`${fresh.main}/admin/audit`)
  const { rows } = await query<{ rows: { event: string; tenant: { name: string } }[] }>(mara, 'audit.all', {
    limit: 100,
  })
  const events = rows.map(({ event, tenant }) => `${tenant.name}: ${event}`)
  for (const event of [
    'Northwind: setup.finish',
    'Northwind: settings.multi_tenancy',
    'Northwind: tenant.create',
    'Northwind: host.assign',
    'Acme: host.assign',
    'Acme: tenant.disable',
    'Acme: tenant.enable',
    'Acme: session.sign_in',
  ]) {
    expect(events).toContain(event)
  }
  expect(await agent.uninstall()).toContain('The Freehold agent is gone from this machine.')
  expect(agent.isInstalled).toBe(false)
})
