import type { Page } from '@playwright/test'
import { CLIENT, openProvider } from '../server/features/identity/oidc.fixture'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

// The master's own, on the main host: no other spec adds sources there
const { main } = demo
const LEA = {
  sub: 'lea-at-the-provider',
  preferred_username: 'lea',
  email: 'lea@msp.example',
  name: 'Lea Lind',
}

let provider: Awaited<ReturnType<typeof openProvider>>
test.afterAll(() => provider?.close())

/** Fills in the form of a new provider, which knows the redirect address that the form shows. */
async function addProvider(mara: Page): Promise<void> {
  await mara.goto(`${main}/settings/identity`)
  await mara.getByRole('button', { name: 'Add source' }).click()
  await mara.getByRole('radio', { name: /^OpenID Connect/ }).check()
  await mara.getByRole('button', { name: 'Next' }).click()
  const form = mara.getByRole('dialog')
  const callback = form.getByText(new RegExp(`^${main}/api/sso/oidc/[0-9a-f-]{36}/callback$`))
  provider = await openProvider([await callback.innerText()])
  await form.getByLabel(/^Name/).fill('MSP login')
  await form.getByLabel('Issuer').fill(provider.issuer)
  await form.getByLabel('Client id').fill(CLIENT.id)
  await form.getByRole('button', { name: 'Test' }).click()
  const answer = mara.getByRole('dialog', { name: 'It works' })
  await expect(answer).toBeVisible()
  await answer.getByRole('button', { name: 'Close' }).last().click()
  await form.getByLabel('Client secret').fill(CLIENT.secret)
  await form.getByRole('button', { name: 'Add group' }).click()
  await form.getByLabel('Group 1', { exact: true }).fill('crew')
  await form.getByLabel('Role of group 1').selectOption({ label: 'Support' })
  await expectAccessible(mara)
  await form.getByRole('button', { name: 'Add source' }).click()
  await expect(mara.getByRole('button', { name: 'Disable' })).toBeVisible()
}

test('an OpenID Connect provider is added, turns away, signs in by group, and is deleted', async ({
  asUser,
  complaints,
  newVisitor,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/127\.0\.0\.1/) // the provider's own pages
  const mara = await asUser('Mara, MSP admin')
  await addProvider(mara)

  const lea = await newVisitor()
  const enter = async () => {
    await lea.goto(`${main}/login?next=${encodeURIComponent('/infrastructure/hosts')}`)
    await lea.getByRole('link', { name: 'Sign in with MSP login' }).click()
  }
  // In no group that gives a role
  provider.state.who = LEA
  await enter()
  await expect(lea.getByText(/role/i).first()).toBeVisible()
  expect(new URL(lea.url()).searchParams.get('problem')).toBe('sso-role')
  provider.state.who = { ...LEA, groups: ['crew'] }
  await enter()
  await expect(lea.getByRole('button', { name: 'Account of Lea Lind' })).toBeVisible()
  expect(lea.url()).toBe(`${main}/infrastructure/hosts`)

  await mara.reload()
  await expect(mara.getByText('1 person')).toBeVisible()
  await mara.getByRole('button', { name: 'Delete' }).click()
  await mara.getByRole('dialog').getByRole('textbox').fill('MSP login')
  await mara.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(mara.getByText('People sign in with a password')).toBeVisible()
  // Whoever came in by it is out with it: the open page goes by itself, and asked for again it leads there
  complaints.expect(/401/)
  await expect(lea.getByLabel('Username')).toBeVisible()
  await lea.goto(`${main}/infrastructure/hosts`)
  await expect(lea).toHaveURL(/\/login/)
  type Found = { rows: { id: string; username: string }[] }
  const { rows } = await query<Found>(mara, 'users.list', { search: 'lea' })
  for (const { id, username } of rows) if (username === 'lea') await command(mara, 'users.delete', { id })
})
