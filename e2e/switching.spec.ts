import type { Page } from '@playwright/test'
import { expectAccessible, useTheme } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')

/** The base role Customer. */
const CUSTOMER = '00000000-0000-4000-8000-000000000101'

interface Tenants {
  rows: { id: string; slug: string; name: string; current: boolean }[]
}

/** Opens the switcher in the header, once the page's script has taken it over: an earlier click goes nowhere. */
async function openSwitcher(page: Page) {
  const button = page.getByRole('banner').getByTitle('Switch tenant')
  await expect
    .poll(() =>
      button.evaluate((element) => Object.keys(element).some((key) => key.startsWith('__reactProps'))),
    )
    .toBe(true)
  await button.click()
  return page.getByRole('dialog', { name: 'Tenants' })
}

test('a person with several tenants switches; the first tab goes on in the first', async ({ asUser }) => {
  test.setTimeout(120_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}/infrastructure/hosts`)
  const switcher = await openSwitcher(mara)
  await expect(switcher.getByText('Recent', { exact: true })).toBeVisible()
  await expect(switcher.getByRole('option', { selected: true })).toContainText('home')
  await expect(switcher.getByRole('link', { name: 'Create tenant' })).toBeVisible()
  await expectAccessible(mara)
  await switcher.getByRole('combobox').fill('bolt')
  const option = switcher.getByRole('option', { name: /Bolt Manufacturing/ }).first()
  await expect(switcher.getByText('Manage from the master tenant')).toBeVisible()

  // In another tab, as with any link.
  const [tab] = await Promise.all([
    mara.context().waitForEvent('page'),
    option.click({ modifiers: ['ControlOrMeta'] }),
  ])
  await expect(tab).toHaveURL(`${bolt}/`)
  await expect(tab.getByRole('heading', { name: 'Welcome, Mara' })).toBeVisible()
  await expect(tab.getByRole('banner').getByTitle('Switch tenant')).toContainText('Bolt Manufacturing')
  await mara.keyboard.press('Escape')
  await mara.reload()
  await expect(mara).toHaveURL(`${demo.main}/infrastructure/hosts`)
  await expect(mara.getByRole('heading', { name: 'Hosts', level: 1 })).toBeVisible()

  // From there straight to a third, by the keyboard; three tenants are open now.
  const again = await openSwitcher(tab)
  await again.getByRole('combobox').fill('acme')
  await expect(again.getByRole('option').first()).toContainText('Acme Retail')
  await tab.keyboard.press('Enter')
  await expect(tab).toHaveURL(`${acme}/`)
  await tab.goto(`${bolt}/account`)
  await expect(tab).toHaveURL(`${bolt}/account`)
  await mara.reload()
  await expect(mara).toHaveURL(`${demo.main}/infrastructure/hosts`)

  // The log of the tenant, and that of the home.
  for (const at of [`${bolt}/audit`, `${demo.main}/admin/audit`]) {
    await tab.goto(at)
    await expect(tab.getByText('Came from another tenant').first()).toBeVisible()
  }

  // Signing out of one leaves the other.
  await tab.goto(`${bolt}/account`)
  await tab.getByRole('button', { name: /^Account of/ }).click()
  await tab.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(tab).toHaveURL(`${bolt}/login`)
  await tab.goto(`${acme}/account`)
  await expect(tab).toHaveURL(`${acme}/account`)
})

test('all my tenants in one list; what is opened opens in its own', async ({ asUser }) => {
  test.setTimeout(120_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  await mara.getByRole('link', { name: 'All my tenants' }).first().click()
  await expect(mara.getByRole('heading', { name: 'All my tenants' })).toBeVisible()
  await mara.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Hosts' }).click()
  const table = mara.getByRole('table', { name: 'Hosts' })
  await expect(table.locator('tbody tr', { hasText: 'Acme Retail' }).first()).toBeVisible()
  await expectAccessible(mara)
  await useTheme(mara, 'dark')
  await expectAccessible(mara)
  await useTheme(mara, 'light')

  await mara.getByRole('button', { name: 'Tenant: All tenants' }).click()
  await mara.getByRole('option', { name: /Bolt Manufacturing/ }).click()
  await expect(mara).toHaveURL(/tenant=/)
  await expect(table.locator('tbody tr', { hasText: 'Acme Retail' })).toHaveCount(0)
  const row = table.locator('tbody tr', { hasText: 'Bolt Manufacturing' }).first()
  const name = (await row.getByRole('link').first().innerText()).trim()
  await row.getByRole('link').first().click()
  await expect(mara).toHaveURL(new RegExp(`^${bolt}/infrastructure/hosts/[0-9a-f-]{36}$`))
  await expect(mara.getByRole('heading', { name, level: 1 })).toBeVisible()
})

test('a link from elsewhere opens nothing by itself; a tenant that is disabled is gone', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/status of 404/)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  const slug = `e2e-${Date.now().toString(36)}`
  const made = {
    name: slug,
    slug,
    tenantRoleId: CUSTOMER,
    description: '',
    icon: '',
    currency: 'USD',
  }
  await command(mara, 'tenants.create', made)
  const third = (await query<Tenants>(mara, 'switching.list', { search: slug })).rows[0]
  if (!third) throw new Error('a new tenant is offered at once')
  // Typed in, so not from a page of ours: it asks.
  await mara.goto(`${demo.main}/switch/${third.id}`)
  await expect(mara.getByRole('button', { name: `Switch to ${third.name}` })).toBeVisible()
  await expectAccessible(mara)
  await command(mara, 'tenants.disable', {
    id: third.id,
    reason: 'switching.spec',
  })
  try {
    const switcher = await openSwitcher(mara)
    await switcher.getByRole('combobox').fill(third.name)
    await expect(switcher.getByText('Manage from the master tenant')).toBeVisible()
    await expect(switcher.getByText('Switch to', { exact: true })).toHaveCount(0)
    await mara.keyboard.press('Escape')
    await mara.getByRole('button', { name: `Switch to ${third.name}` }).click()
    await expect(mara.getByText(`${third.name} could not be opened`)).toBeVisible()
    expect((await mara.goto(`${demo.main}/switch/${third.id}`))?.status()).toBe(404)
  } finally {
    await command(mara, 'tenants.delete', {
      id: third.id,
      confirmName: third.name,
    })
  }
})

test('who has one tenant sees its name, and no switcher', async ({ asUser }) => {
  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(acme)
  await expect(tom.getByRole('banner').getByText('Acme Retail')).toBeVisible()
  await expect(tom.getByTitle('Switch tenant')).toHaveCount(0)
  await expect(tom.getByRole('link', { name: 'All my tenants' })).toHaveCount(0)
})
