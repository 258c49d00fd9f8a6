import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, cookieHeader, query, requestAs } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const NEVER = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

interface Tenants {
  rows: { id: string }[]
}

/** A network that the master keeps to itself; made here, for other tests look at what the demo has. */
async function keptNetwork(mara: Page) {
  const name = `e2e-kept-${Date.now()}`
  const spec = { cidr: '10.78.0.0/24' }
  return command<{ id: string; name: string }>(mara, 'resources.create', {
    kind: 'network',
    name,
    spec,
    refs: [],
  })
}

const choose = async (page: Page, field: string, text: string, option: string | RegExp) => {
  await page.getByLabel(field, { exact: true }).click()
  await page.getByRole('combobox', { name: /^Search (tenant|person|thing)$/ }).fill(text)
  await page.getByRole('option', { name: option }).click()
}

test('a network that Tom does not see: Ada asks why, Mara sees the chain, mends it, and Tom has it', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/404/)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  const kept = await keptNetwork(mara)
  const tom = await asUser("Tom, Acme's viewer")
  const cookie = await cookieHeader(tom, acme)
  const at = (id: string) => requestAs(`${acme}/infrastructure/networks/${id}`, { cookie })
  const [hidden, never] = [await at(kept.id), await at(NEVER)]
  expect([hidden.status, never.status]).toEqual([404, 404])
  expect(hidden.body).not.toContain(kept.name)

  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/infrastructure/networks/${kept.id}`)
  await ada.getByRole('link', { name: 'Explain why' }).click()
  await expect(ada.getByText('Nothing with this id exists for your tenant.')).toBeVisible()
  await expect(ada.getByText(kept.name)).toHaveCount(0)
  await expectAccessible(ada)

  await mara.goto(`${demo.main}/explain`)
  await choose(mara, 'In the tenant', 'Acme', /Acme/)
  await expect(mara).toHaveURL(/tenant=/)
  await choose(mara, 'Person', 'tom', /Tom/)
  await expect(mara).toHaveURL(/user=/)
  await choose(mara, 'Thing', kept.id, /^Id /)
  await expect(mara.getByText(new RegExp(`may not see ${kept.name}`))).toBeVisible()
  await expect(mara.getByText(/· Missing/)).toHaveCount(1)
  await expect(mara.getByRole('listitem').filter({ hasText: '· Missing' })).toContainText(
    'Owner and assignment',
  )
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Assign to Acme' }).click()
  await mara.getByRole('dialog').getByRole('button', { name: 'Assign', exact: true }).click()
  await expect(mara.getByText(new RegExp(`may see ${kept.name}`))).toBeVisible()

  await tom.goto(`${acme}/infrastructure/networks/${kept.id}`)
  await expect(tom.getByRole('heading', { level: 1, name: kept.name })).toBeVisible()
  await tom.getByRole('link', { name: 'Why?' }).click()
  await expect(tom.getByText(/^Tom Baker may not change/)).toBeVisible()
  await expect(tom.getByText(/Ask /).first()).toBeVisible()
})

test('a page that Tom may not open says what it needs and whom to ask', async ({ asUser, complaints }) => {
  complaints.expect(/403/)
  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(`${acme}/settings/roles/new`)
  await expect(tom.getByText(/This page needs Roles at full/)).toBeVisible()
  await tom.getByRole('link', { name: 'Explain why' }).click()
  await expect(tom.getByText(/may not change Roles in Acme/)).toBeVisible()
})

test('see as tenant: kinds with counts, one thing, and through the eyes of a role', async ({ asUser }) => {
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  const { rows } = await query<Tenants>(mara, 'tenants.list', { search: 'acme' })
  await mara.goto(`${demo.main}/admin/tenants/${rows[0]?.id}/resources`)
  await mara
    .getByRole('navigation', { name: 'Kinds' })
    .getByRole('link', { name: /^Hosts/ })
    .click()
  await expect(mara).toHaveURL(/kind=host/)
  await mara.getByRole('table').getByRole('link').first().click()
  await expect(mara).toHaveURL(/thing=/)
  await expect(mara.getByText('Its Viewer may')).toBeVisible()
  await mara.getByLabel('Look as').selectOption({ label: 'Somebody with the role Viewer' })
  await expect(mara).toHaveURL(/role=/)
  await expectAccessible(mara)
})
