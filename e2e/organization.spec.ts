import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { signIn } from './fixtures/people'
import { demo, printed } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const TYPED = 'typed by an administrator 1'
const OWN = 'seven quiet green lamps'

interface Named {
  rows: { id: string; name: string; username: string }[]
}

/** Hands the organization over to somebody, with this password. */
async function handOver(from: Page, to: string, password: string): Promise<void> {
  await from.goto(`${acme}/settings/organization`)
  await from.getByRole('button', { name: 'Transfer ownership' }).click()
  const dialog = from.getByRole('dialog')
  await dialog.getByRole('button', { name: /New owner/ }).click()
  await from.getByRole('option', { name: to }).click()
  await dialog.getByLabel('Your password').fill(password)
  await dialog.getByRole('button', { name: 'Transfer', exact: true }).click()
}

test('Ada edits the organization, hands it to Uma and gets it back', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/status of 400/)
  const [ada, mara] = [await asUser("Ada, Acme's owner"), await asUser('Mara, MSP admin')]
  await ada.goto(`${acme}/settings/organization`)
  await ada.getByLabel('Description').fill('Shops all over the place')
  await ada.getByRole('button', { name: 'Save' }).click()
  await expect(ada.getByText('The organization is saved.').first()).toBeVisible()
  await expectAccessible(ada)

  // Somebody of whom no other spec knows, with a password of her own
  const roles = await query<{ id: string; name: string }[]>(ada, 'roles.assignable')
  const roleOf = (name: string) => roles.find((role) => role.name === name)?.id ?? ''
  const uma = await command<{ id: string }>(ada, 'users.create', {
    firstName: 'Uma',
    lastName: 'Berg',
    username: 'uma',
    email: 'uma@acme.example',
    roleIds: [roleOf('Viewer')],
    password: TYPED,
    passwordConfirm: TYPED,
  })
  const hers = await newVisitor()
  await signIn(hers, acme, 'uma', TYPED)
  await hers.goto(`${acme}/account/password`)
  await hers.getByLabel('Current password').fill(TYPED)
  await hers.locator('#password-password').fill(OWN)
  await hers.locator('#password-confirm').fill(OWN)
  await hers.getByRole('button', { name: 'Change password' }).click()
  await expect(hers.getByRole('heading', { name: 'Welcome, Uma' })).toBeVisible()

  await handOver(ada, 'Uma Berg', 'not my password')
  await expect(ada.getByRole('dialog').getByText('This is not your current password.').first()).toBeVisible()
  await ada.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await handOver(ada, 'Uma Berg', printed('E2E_DEMO_PASSWORD'))
  await expect(ada.getByText('owns the organization now').first()).toBeVisible()
  await expect(ada.getByRole('button', { name: 'Transfer ownership' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await handOver(hers, 'Ada Lindqvist', OWN)
  await expect(hers.getByText('owns the organization now').first()).toBeVisible()

  // As the other specs know them
  await mara.goto(demo.main)
  const tenantId = (await query<Named>(mara, 'tenants.list', { search: 'acme' })).rows[0]?.id ?? ''
  const people = await query<Named>(mara, 'tenantUsers.list', { tenantId, search: 'ada' })
  const id = people.rows.find(({ username }) => username === 'ada')?.id ?? ''
  await command(ada, 'users.delete', { id: uma.id })
  // Other than setRoles it ends no sessions: other specs are signed in as Ada
  const assignments = [{ roleId: roleOf('Owner') }]
  await command(mara, 'tenantUsers.setAssignments', { tenantId, id, assignments })
})
