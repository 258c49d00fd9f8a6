import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, cookieHeader, query, requestAs } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')

interface Row {
  id: string
  hosts: number
  slice: number | null
}

async function fileAt(page: Page, name: string): Promise<string[]> {
  const href = await page.getByRole('link', { name, exact: true }).getAttribute('href')
  const { origin } = new URL(page.url())
  const answer = await requestAs(origin + (href ?? ''), { cookie: await cookieHeader(page, origin) })
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
  return answer.body.replace('\uFEFF', '').trim().split('\r\n')
}

test('Mara gives Acme a slice of the licence’s hosts, and Ada sees it and her own usage', async ({
  asUser,
}) => {
  test.setTimeout(120_000)
  const [mara, ada] = [await asUser('Mara, MSP admin'), await asUser("Ada, Acme's owner")]
  await mara.goto(demo.main)
  await mara.getByRole('link', { name: 'Usage', exact: true }).click()
  await expect(mara.getByRole('heading', { name: 'Usage', exact: true })).toBeVisible()
  const { rows } = await query<{ rows: Row[] }>(mara, 'usage.tenants', { search: 'acme' })
  const { id = '', hosts = 0 } = rows[0] ?? {}
  expect(hosts).toBeGreaterThan(1)

  await mara.getByPlaceholder('Search name or subdomain').fill('acme')
  const table = mara.getByRole('table', { name: 'Usage by tenant' })
  await expect(table.locator('tbody tr')).toHaveCount(1)
  await table
    .getByRole('button', { name: /Actions|More|Acme/ })
    .last()
    .click()
  await mara.getByRole('menuitem', { name: 'Change slice' }).click()
  const dialog = mara.getByRole('dialog')
  await dialog.getByLabel('Hosts at most').fill(String(hosts))
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Save slice' }).click()
  await expect(table.getByText('Full')).toBeVisible()
  await expectAccessible(mara)
  expect((await fileAt(mara, 'CSV'))[0]).toMatch(/^Tenant,Subdomain,Month,/)

  // What Ada is told is her own, and says nothing of the licence
  await ada.goto(`${acme}/infrastructure/hosts`)
  await expect(ada.getByText('Your share of hosts is used up')).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('link', { name: 'Show usage' }).click()
  await expect(ada.getByRole('heading', { name: 'Billing & Plan' })).toBeVisible()
  await expect(ada.getByText('Provided by Northwind').first()).toBeVisible()
  await expect(ada.getByText('No more hosts can be added')).toBeVisible()
  await expect(ada.getByText(`${hosts} of ${hosts} hosts`)).toBeVisible()
  await expectAccessible(ada)
  const own = await fileAt(ada, 'CSV')
  expect(own[0]).toBe('Month,Days counted,Peak hosts,Average hosts,Users,Virtual machines')
  expect(own).toHaveLength(2)
  expect(own[1]).toMatch(/^20\d\d-\d\d,1(,\d+){4}$/)

  // On the tenant's own page it is taken away again
  await mara.goto(`${demo.main}/admin/tenants/${id}`)
  await mara.getByLabel('Hosts at most').fill('')
  await mara.getByRole('button', { name: 'Save slice' }).click()
  await expect(mara.getByText('may have as many hosts as there are').first()).toBeVisible()
  await expectAccessible(mara)
  await ada.reload()
  await expect(ada.getByText('No limit of its own')).toBeVisible()
  await expect(ada.getByText('No more hosts can be added')).toHaveCount(0)
})

test('the provider’s own plan leads to the licence, and its organization has the tab', async ({
  asUser,
  complaints,
}) => {
  complaints.expect(/status of 403/)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}/settings/organization`)
  await mara.getByRole('link', { name: 'Billing & Plan' }).click()
  await expect(mara.getByRole('heading', { name: 'Billing & Plan' })).toBeVisible()
  await expect(mara.getByRole('link', { name: 'Plans & Activation' }).first()).toHaveAttribute(
    'href',
    '/settings/plans',
  )
  await expectAccessible(mara)
  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(`${acme}/settings/organization`)
  await expect(tom.getByRole('link', { name: 'Billing & Plan' })).toHaveCount(0)
  await tom.goto(acme)
  const answer = await command(tom, 'usage.setSlice', { tenantId: crypto.randomUUID(), hosts: 1 }).then(
    () => 'done',
    (error: unknown) => String(error),
  )
  expect(answer).toContain('403')
})
