import { expectAccessible } from './fixtures/axe'
import { demo, printed } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')

test('Ada edits the organization, hands it to Eve and gets it back', async ({ asUser, complaints }) => {
  complaints.expect(/status of 400/)
  const [ada, eve] = [await asUser("Ada, Acme's owner"), await asUser("Eve, Acme's engineer")]
  await ada.goto(`${acme}/settings/organization`)
  await ada.getByLabel('Description').fill('Shops all over the place')
  await ada.getByRole('button', { name: 'Save' }).click()
  await expect(ada.getByText('The organization is saved.').first()).toBeVisible()
  await expectAccessible(ada)

  const handOver = async (from: typeof ada, to: string, password: string) => {
    await from.getByRole('button', { name: 'Transfer ownership' }).click()
    const dialog = from.getByRole('dialog')
    await dialog.getByRole('button', { name: /New owner/ }).click()
    await from.getByRole('option', { name: to }).click()
    await dialog.getByLabel('Your password').fill(password)
    await dialog.getByRole('button', { name: 'Transfer', exact: true }).click()
  }
  await handOver(ada, 'Eve Moreau', 'not my password')
  await expect(ada.getByRole('dialog').getByText('This is not your current password.').first()).toBeVisible()
  await ada.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await handOver(ada, 'Eve Moreau', printed('E2E_DEMO_PASSWORD'))
  await expect(ada.getByText('owns the organization now').first()).toBeVisible()
  await expect(ada.getByRole('button', { name: 'Transfer ownership' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await eve.goto(`${acme}/settings/organization`)
  await handOver(eve, 'Ada Lindqvist', printed('E2E_DEMO_PASSWORD'))
  await expect(eve.getByText('owns the organization now').first()).toBeVisible()
})
