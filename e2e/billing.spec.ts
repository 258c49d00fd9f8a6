import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { type OwnDemo, startOwnDemo } from './fixtures/own-demo'
import { formIsLive, signIn } from './fixtures/people'
import { expect, test } from './fixtures/test'

const PHONE = { width: 390, height: 844 }
const NEEDED = 'Multi-tenant requires an Enterprise license'

let demo: OwnDemo
test.beforeAll(async () => {
  test.setTimeout(200_000)
  demo = await startOwnDemo()
})
test.afterAll(() => demo.stop())

const plans = async (mara: Page) => {
  await mara.goto(`${demo.main}/settings/plans`)
  await formIsLive(mara)
}
/** A button in the emulator's portal, and back. */
async function inPortal(mara: Page, ...buttons: string[]): Promise<void> {
  await plans(mara)
  await mara.getByRole('button', { name: 'Cards, address and tax id' }).click()
  await expect(mara.getByRole('heading', { name: 'Your subscription' })).toBeVisible()
  for (const name of buttons) await mara.getByRole('button', { name, exact: true }).click()
  await mara.getByRole('link', { name: 'Return to Freehold' }).click()
  await expect(mara.getByRole('heading', { name: 'Plans & Activation' })).toBeVisible()
}
/** On the emulator's page of payment. */
async function pay(mara: Page, card: string): Promise<void> {
  await mara.getByLabel('Card number').fill(card)
  await mara.getByRole('button', { name: /^Pay/ }).click()
}
async function fits(page: Page): Promise<void> {
  const size = page.viewportSize()
  await page.setViewportSize(PHONE)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
  await page.setViewportSize(size!)
}

test('from 402 to checkout to a working tenant, cancelled in the portal, past due, read-only, and back', async ({
  newVisitor,
  complaints,
}) => {
  test.setTimeout(240_000)
  complaints.expect(/status of 402/)
  const mara = await newVisitor()
  await signIn(mara, demo.main, 'mara', demo.password)

  // The trial is over: growth waits
  await plans(mara)
  await mara.getByRole('button', { name: 'End Trial' }).click()
  await mara.getByRole('dialog').getByRole('button', { name: 'End licence' }).click()
  await expect(mara.getByText(/^The licence ended on/)).toBeVisible()
  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText(NEEDED)).toBeVisible()
  await mara.getByRole('link', { name: /^Open Settings/ }).click()

  // Buys, with a card that is declined first
  await formIsLive(mara)
  await expectAccessible(mara)
  await fits(mara)
  await mara.getByLabel('Hosts', { exact: true }).fill('40')
  await expect(mara.getByText('€360.00 a month, before tax')).toBeVisible()
  await mara.getByRole('button', { name: 'Continue to payment' }).click()
  await pay(mara, '4000 0000 0000 0002')
  await expect(mara.getByText(/declined/).first()).toBeVisible()
  await pay(mara, '4242 4242 4242 4242')
  await expect(mara.getByText('Thank you. The subscription is active.').first()).toBeVisible()
  await expect(mara.getByText('Renews')).toBeVisible()
  await expect(mara.getByText('€360.00', { exact: true })).toBeVisible()
  expect(new URL(mara.url()).search).toBe('')
  await expectAccessible(mara)
  await fits(mara)

  // A tenant is created and works
  const caps = await query<{ rows: { id: string; name: string }[] }>(mara, 'tenantRoles.list', {})
  const made = await command<{ id: string }>(mara, 'tenants.create', {
    name: 'Delta Dental',
    slug: 'delta',
    currency: 'EUR',
    tenantRoleId: caps.rows.find(({ name }) => name === 'Customer')?.id,
  })
  await mara.goto(`${demo.main}/admin/tenants/${made.id}`)
  await expect(mara.getByRole('heading', { name: 'Delta Dental' })).toBeVisible()

  // More hosts, with what it costs before
  await plans(mara)
  await mara.getByRole('button', { name: 'Change hosts or interval' }).click()
  const dialog = mara.getByRole('dialog', { name: 'Change the subscription' })
  await dialog.getByLabel('Hosts', { exact: true }).fill('60')
  await dialog.getByRole('button', { name: 'Show what it costs' }).click()
  await expect(dialog.getByText(/is charged now/)).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Change subscription' }).click()
  await expect(mara.getByText(/of 60$/)).toBeVisible()

  // Cancelled in the portal, which is told by webhook, and kept after all
  await inPortal(mara, 'Cancel at the end of the period')
  await expect(mara.getByText(/^It ends on/)).toBeVisible()
  await mara.getByRole('button', { name: 'Keep it' }).click()
  await expect(mara.getByText('Renews')).toBeVisible()

  // The next card does not pay: grace
  await plans(mara)
  await mara.getByRole('button', { name: 'Cards, address and tax id' }).click()
  await mara.getByLabel('New card number').fill('4000 0000 0000 0341')
  await mara.getByRole('button', { name: 'Change card' }).click()
  await mara.getByRole('button', { name: 'Let a month pass' }).click()
  await expect(mara.getByText('past_due')).toBeVisible()
  await mara.getByRole('link', { name: 'Return to Freehold' }).click()
  await expect(async () => {
    await mara.reload()
    await expect(mara.getByText('The last payment failed')).toBeVisible({ timeout: 1000 })
  }).toPass()
  await expectAccessible(mara)
  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText(NEEDED)).toHaveCount(0) // everything works meanwhile

  // Stripe gives up: read-only; people sign in, and see
  await inPortal(mara, 'Let a month pass')
  await expect(async () => {
    await mara.reload()
    await expect(mara.getByText(/^The licence ended on/)).toBeVisible({ timeout: 1000 })
  }).toPass()
  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText(NEEDED)).toBeVisible()
  await mara.goto(`${demo.main}/admin/tenants/${made.id}`)
  await expect(mara.getByRole('heading', { name: 'Delta Dental' })).toBeVisible()
  const ada = await newVisitor()
  await signIn(ada, demo.tenant('acme'), 'ada', demo.password)
  await ada.goto(`${demo.tenant('acme')}/infrastructure/hosts`)
  await expect(ada.getByRole('heading', { name: 'Hosts' })).toBeVisible()

  // And back
  await plans(mara)
  await mara.getByRole('button', { name: 'Continue to payment' }).click()
  await pay(mara, '4242 4242 4242 4242')
  await expect(mara.getByText('Thank you. The subscription is active.').first()).toBeVisible()
  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText(NEEDED)).toHaveCount(0)
})
