import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')

/** Chooses a level of the editor that is open. */
const choose = (page: Page, permission: string, level: string) =>
  page
    .getByRole('radiogroup', { name: `${permission}: level` })
    .getByText(level, { exact: true })
    .click()

interface Mine {
  permissions: { permission: string; level: string; reason: string }[]
}
const rightOf = async (page: Page, name: string) =>
  (await query<Mine>(page, 'account.me')).permissions.find(({ permission }) => permission === name)

test('a multi-tenant role: made by the master, edited in a tenant, compared and linked again', async ({
  asUser,
}) => {
  test.setTimeout(120_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}/settings/roles/new?kind=multi`)
  await mara.getByLabel('Name').fill('Night shift')
  await choose(mara, 'Hosts', 'Read')
  await mara.getByRole('button', { name: 'Create role' }).click()
  await expect(mara.getByRole('heading', { name: 'Night shift' })).toBeVisible()

  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/settings/roles`)
  await ada.getByRole('link', { name: 'Night shift' }).click()
  await choose(ada, 'Hosts', 'Full')
  await expect(ada.getByText('Nobody gains or loses anything by this.')).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Save as this tenant’s own' }).click()
  await ada.getByRole('button', { name: 'Compare and relink' }).click()
  const dialog = ada.getByRole('dialog')
  await expect(dialog.getByRole('row', { name: /Hosts full read/ })).toBeVisible()
  await expectAccessible(ada)
  await dialog.getByRole('button', { name: 'Relink' }).click()
  await expect(ada.getByText('The provider’s role')).toBeVisible()
})

test('a role of one’s own, given to somebody, holds in the next request', async ({ asUser }) => {
  test.setTimeout(120_000)
  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(acme)
  expect((await rightOf(tom, 'networks'))?.level).toBe('read')

  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/settings/roles/new`)
  await ada.getByLabel('Name').fill('Network operators')
  await choose(ada, 'Networks', 'Full')
  await ada.getByRole('button', { name: 'Create role' }).click()
  await expect(ada.getByRole('heading', { name: 'Network operators' })).toBeVisible()

  await ada.goto(`${acme}/settings/users`)
  await ada.getByRole('button', { name: /^Actions for Tom/ }).click()
  await ada.getByRole('menuitem', { name: 'Edit' }).click()
  await ada.getByRole('button', { name: 'Add another role' }).click()
  await ada.getByLabel('Role 2', { exact: true }).selectOption({ label: 'Network operators' })
  await expect(ada.getByText(/gains Networks: read → full/)).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Save changes' }).click()
  await expect(ada.getByText(/is saved/).first()).toBeVisible()
  expect(await rightOf(tom, 'networks')).toMatchObject({ level: 'full', reason: 'Role Network operators' })

  await ada.getByRole('button', { name: /^Actions for Tom/ }).click()
  await ada.getByRole('menuitem', { name: 'Effective rights' }).click()
  await expect(ada.getByRole('row', { name: /Networks .*Full.*Role Network operators/ })).toBeVisible()
})
