import { codeAt } from '../server/features/second-factor/totp'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { fillSignIn, formIsLive, signIn } from './fixtures/people'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const delta = demo.tenant('delta')
const TYPED = 'typed by an administrator 1'
const OWN = 'seven quiet green lamps'
const HALF_MINUTE = 30_000

test('Dana locks herself out, gets in by emergency access, and Mara mends the list', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(180_000)
  complaints.expect(/status of 40[0139]/)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  // A tenant of which no other spec knows, with an owner of its own
  const { id } = await command<{ id: string }>(mara, 'tenants.create', {
    name: 'Delta Freight',
    slug: 'delta',
    tenantRoleId: '00000000-0000-4000-8000-000000000101',
    description: '',
    icon: '',
    currency: 'EUR',
    accountNumber: '',
    accountName: '',
    customerNumber: '',
  })
  try {
    await command(mara, 'tenantUsers.create', {
      tenantId: id,
      firstName: 'Dana',
      lastName: 'Ek',
      username: 'dana',
      email: 'dana@delta.example',
      roleIds: ['00000000-0000-4000-8000-000000000203'],
      password: TYPED,
      passwordConfirm: TYPED,
    })
    const dana = await newVisitor()
    await signIn(dana, delta, 'dana', TYPED)
    await dana.goto(`${delta}/account/password`)
    await dana.getByLabel('Current password').fill(TYPED)
    await dana.locator('#password-password').fill(OWN)
    await dana.locator('#password-confirm').fill(OWN)
    await dana.getByRole('button', { name: 'Change password' }).click()
    await expect(dana.getByRole('heading', { name: 'Welcome, Dana' })).toBeVisible()
    const { secret, ticket } = await query<{ secret: string; ticket: string }>(dana, 'secondFactor.begin')
    const code = codeAt(secret, Date.now() - HALF_MINUTE)
    await command(dana, 'secondFactor.enable', { ticket, code, current: OWN })

    // The list: bad lines are named, and nobody shuts themselves out by accident
    await dana.goto(`${delta}/settings/security`)
    await dana.getByRole('button', { name: 'Add a line' }).click()
    await dana.getByLabel('Address or network, line 1').fill('203.0.113.300')
    await dana.getByRole('button', { name: 'Add a line' }).click()
    await dana.getByLabel('Address or network, line 2').fill('198.51.100.0/24')
    await dana.getByLabel('Note, line 2').fill('Office')
    await expect(dana.getByText('This list shuts you out')).toBeVisible()
    await expect(dana.getByText('first choose an account for emergency access')).toBeVisible()
    await dana.getByRole('button', { name: 'Add my address' }).click()
    await dana.getByRole('button', { name: 'Save addresses' }).click()
    await expect(dana.getByText('Enter an address such as').first()).toBeVisible()
    await dana.getByRole('button', { name: 'Remove line 3' }).click()
    await dana.getByRole('button', { name: 'Remove line 1' }).click()
    await dana.getByRole('button', { name: 'Account: Choose an account…' }).click()
    await dana.getByRole('option', { name: /Dana Ek/ }).click()
    await expect(dana.getByText('Works', { exact: true })).toBeVisible()
    await dana.getByLabel('I know that I lock myself out').check()
    await expectAccessible(dana)
    await dana.getByRole('button', { name: 'Save addresses' }).click()

    // Out, on every page; the way back in
    await expect(async () => {
      await dana.goto(delta)
      await expect(dana.getByRole('heading', { name: 'This address is not allowed here' })).toBeVisible()
    }).toPass()
    await expect(dana.locator('body')).not.toContainText(/delta/i)
    await dana.getByRole('link', { name: 'Emergency access' }).click()
    await formIsLive(dana)
    await expectAccessible(dana)
    await dana.getByLabel('Username').fill('dana')
    await dana.getByLabel('Password', { exact: true }).fill('wrong')
    await dana.getByRole('button', { name: 'Go on' }).click()
    await expect(dana.getByText('The username or password is wrong.')).toBeVisible()
    await dana.getByLabel('Password', { exact: true }).fill(OWN)
    await dana.getByRole('button', { name: 'Go on' }).click()
    await dana.getByLabel('Code from your app').fill(codeAt(secret))
    await dana.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(dana.getByText('Emergency access: this session works from any address')).toBeVisible()
    await dana.goto(`${delta}/settings/security`)
    await mara.goto(`${demo.main}/settings/mail`)
    await expect(mara.getByText('Emergency access to Delta Freight was used').first()).toBeVisible()

    // The provider helps; then everybody gets in as ever
    await mara.goto(`${demo.main}/admin/tenants/${id}`)
    await expect(mara.getByLabel('Address or network, line 1')).toHaveValue('198.51.100.0/24')
    await mara.getByRole('button', { name: 'Remove line 1' }).click()
    await mara.getByRole('button', { name: 'Save addresses' }).click()
    await expect(mara.getByText('It holds for Delta Freight from now on').first()).toBeVisible()
    const visitor = await newVisitor()
    await visitor.goto(`${delta}/login`)
    await fillSignIn(visitor, 'dana', OWN)
    await expect(visitor.getByLabel('Code from your app')).toBeVisible()
  } finally {
    await command(mara, 'tenants.delete', { id, confirmName: 'Delta Freight' })
  }
})
