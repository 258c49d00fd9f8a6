import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
const HOSTS = ['acme-ci-1', 'acme-ci-2']

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 })
const listed = (page: Page, name: string) => page.getByRole('link', { name, exact: true })

/** Acme's own hosts, as the provider sees them on Acme's page. */
async function acmesHosts(mara: Page): Promise<void> {
  await mara.goto(demo.main)
  const { rows } = await query<{ rows: { id: string; slug: string }[] }>(mara, 'tenants.list', {
    search: 'acme',
  })
  await mara.goto(`${demo.main}/admin/tenants/${rows[0]?.id}/resources?kind=host`)
}

async function choose(mara: Page): Promise<void> {
  for (const name of HOSTS) await mara.getByRole('checkbox', { name: `Select ${name}` }).check()
  await mara.getByRole('button', { name: 'Migrate devices…' }).click()
}

test('hosts migrate from Acme to Bolt, and back by an undo', async ({ asUser, complaints }) => {
  test.setTimeout(180_000)
  complaints.expect(/status of 404/)
  const [mara, tom, bo] = [
    await asUser('Mara, MSP admin'),
    await asUser("Tom, Acme's viewer"),
    await asUser("Bo, Bolt's admin"),
  ]
  await tom.goto(`${acme}/infrastructure/hosts`)
  for (const name of HOSTS) await expect(listed(tom, name)).toBeVisible()

  await acmesHosts(mara)
  await expectAccessible(mara)
  await choose(mara)
  const dialog = mara.getByRole('dialog', { name: 'Migrate 2 hosts' })
  await dialog.getByRole('button', { name: 'Tenant', exact: true }).click()
  // To whom they belong already: it says so, and nothing can be started.
  await mara.getByRole('option', { name: 'Acme Retail', exact: true }).click()
  await expect(dialog.getByText('They cannot migrate')).toBeVisible()
  await expect(dialog.getByText('Host acme-ci-1 is Acme Retail’s already')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Migrate', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await dialog.getByRole('button', { name: 'Tenant', exact: true }).click()
  await mara.getByRole('option', { name: 'Bolt Manufacturing', exact: true }).click()
  await expect(dialog.getByText(/^Bolt Manufacturing gains 2 hosts \(acme-ci-1, acme-ci-2\)/)).toBeVisible()
  await expect(dialog.getByText(/^The licence counts/)).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Migrate', exact: true }).click()

  await expect(heading(mara, 'Migrate 2 hosts to Bolt Manufacturing')).toBeVisible()
  // Left, and found again.
  await mara.goto(`${demo.main}/settings/tasks`)
  await mara.getByRole('link', { name: 'Migrate 2 hosts to Bolt Manufacturing' }).first().click()
  await expect(mara.getByText(/^Acme Retail loses 2 hosts/)).toBeVisible({ timeout: 30_000 })
  await expectAccessible(mara)

  await tom.goto(`${acme}/infrastructure/hosts`)
  await expect(heading(tom, 'Hosts')).toBeVisible()
  for (const name of HOSTS) await expect(listed(tom, name)).toHaveCount(0)
  await bo.goto(`${bolt}/infrastructure/hosts?q=acme-ci`)
  await bo.goto(`${bolt}${await listed(bo, 'acme-ci-1').getAttribute('href')}`)
  await expect(heading(bo, 'acme-ci-1')).toBeVisible()
  expect((await tom.goto(`${acme}${new URL(bo.url()).pathname}`))?.status()).toBe(404)

  await mara.getByRole('link', { name: 'See or undo it' }).click()
  await expect(heading(mara, '2 hosts to Bolt Manufacturing')).toBeVisible()
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Undo…' }).click()
  const undo = mara.getByRole('dialog', { name: 'Undo: 2 hosts to Bolt Manufacturing' })
  await expect(undo.getByText(/^Acme Retail gains 2 hosts/)).toBeVisible()
  await expectAccessible(mara)
  await undo.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(heading(mara, 'Undo: migrate 2 hosts to Bolt Manufacturing')).toBeVisible()
  await expect(mara.getByText(/^Acme Retail gains 2 hosts/)).toBeVisible({ timeout: 30_000 })
  await tom.goto(`${acme}/infrastructure/hosts`)
  for (const name of HOSTS) await expect(listed(tom, name)).toBeVisible()

  await mara.goto(`${demo.main}/infrastructure/hosts/moves`)
  await expect(
    mara.getByRole('row').filter({ hasText: '2 hosts to Bolt Manufacturing' }).first(),
  ).toContainText('Undone by Mara')
  await expectAccessible(mara)
  await mara.getByRole('link', { name: '2 hosts to Bolt Manufacturing' }).first().click()
  await expect(mara.getByRole('button', { name: 'Undo…' })).toHaveAttribute('aria-disabled', 'true')
})
