import { expectAccessible } from './fixtures/axe'
import { query } from './fixtures/http'
import { signIn } from './fixtures/people'
import { demo, printed } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')

interface Rows {
  rows: { id: string; name: string; username: string }[]
}

test('somebody of another tenant: added without an invitation, at work as a guest, removed', async ({
  asUser,
  newVisitor,
}) => {
  test.setTimeout(180_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  const { rows } = await query<Rows>(mara, 'tenants.list', { search: 'acme' })
  await mara.goto(`${demo.main}/admin/tenants/${rows[0]?.id}/users`)
  await mara.getByRole('button', { name: 'Add existing user' }).click()
  const dialog = mara.getByRole('dialog', { name: /Add an existing user/ })
  await dialog.getByRole('button', { name: /Person/ }).click()
  await mara.getByRole('option', { name: /Bo Nakamura/ }).click()
  await dialog.getByLabel('Role 1', { exact: true }).selectOption({ label: 'Editor' })
  await expect(dialog.getByText(/Bo Nakamura.*gains/).first()).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Add user' }).click()
  const there = mara.getByRole('row', { name: /Bo Nakamura/ })
  await expect(there.getByText('Guest', { exact: true })).toBeVisible()
  await expect(there.getByText('bolt\\bo', { exact: true })).toBeVisible()
  await expectAccessible(mara)

  const guest = await newVisitor()
  await signIn(guest, acme, 'bolt\\bo', printed('E2E_DEMO_PASSWORD'))
  await guest.goto(`${acme}/infrastructure/hosts`)
  await expect(guest.getByRole('heading', { name: 'Hosts' })).toBeVisible()

  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/settings/users`)
  const row = ada.getByRole('row', { name: /Bo Nakamura/ })
  await expect(row.getByText('Guest', { exact: true })).toBeVisible()
  await expect(ada.getByText(/Bolt Manufacturing|bolt\\/)).toHaveCount(0) // whence, a tenant is not told
  await expect(ada.getByRole('row', { name: /Mara Quist/ }).getByText('Provider')).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: /^Actions for Bo/ }).click()
  await ada.getByRole('menuitem', { name: 'Remove from this tenant' }).click()
  await ada.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(row).toHaveCount(0)
  await guest.goto(`${acme}/infrastructure/hosts`)
  await expect(guest.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

test('everybody of all tenants: found, narrowed, and shown with what they reach', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  await mara.getByRole('link', { name: 'People', exact: true }).click()
  await expect(mara.getByRole('row', { name: /Bo Nakamura.*Bolt Manufacturing.*Tenant level/ })).toBeVisible()
  await expect(mara.getByRole('row', { name: /Mara Quist.*Parent level.*All/ })).toBeVisible()
  await expectAccessible(mara)
  await mara.goto(`${demo.main}/admin/people?level=parent`)
  await expect(mara.getByRole('row', { name: /Mara Quist/ })).toBeVisible()
  await expect(mara.getByRole('row', { name: /Bo Nakamura/ })).toHaveCount(0)

  await mara.goto(`${demo.main}/admin/people?q=nakamura`)
  await mara.getByRole('link', { name: /Bo Nakamura/ }).click()
  await expect(mara.getByText('bolt\\bo')).toBeVisible()
  await expect(mara.getByRole('row', { name: /Bolt Manufacturing.*Home.*Admin/ })).toBeVisible()
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Change level' }).click()
  const dialog = mara.getByRole('dialog')
  await dialog.getByText('Parent level', { exact: true }).click()
  await expect(dialog.getByText('is signed out everywhere')).toBeVisible()
  await expectAccessible(mara)
  complaints.expect(/people\.setLevel: .*400/)
  await dialog.getByRole('button', { name: 'Change level' }).click()
  await expect(dialog.getByText('Choose a role').first()).toBeVisible()
})
