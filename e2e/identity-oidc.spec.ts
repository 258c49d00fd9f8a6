import type { Page } from '@playwright/test'
import { CLIENT, openProvider } from '../server/features/identity/oidc.fixture'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { signIn } from './fixtures/people'
import { demo, printed } from './fixtures/site'
import { expect, test } from './fixtures/test'

const cobalt = demo.tenant('cobalt')
const LEA = {
  sub: 'lea-at-the-provider',
  preferred_username: 'lea',
  email: 'lea@cobalt.example',
  name: 'Lea Lind',
}

let provider: Awaited<ReturnType<typeof openProvider>>
test.afterAll(() => provider?.close())

/** Fills in the form of a new provider, which knows the redirect address that the form shows. */
async function addProvider(cy: Page): Promise<void> {
  await cy.goto(`${cobalt}/settings/identity`)
  await cy.getByRole('button', { name: 'Add source' }).click()
  await cy.getByRole('radio', { name: /OpenID Connect/ }).check()
  await cy.getByRole('button', { name: 'Next' }).click()
  const form = cy.getByRole('dialog')
  const callback = form.getByText(new RegExp(`^${cobalt}/api/sso/oidc/[0-9a-f-]{36}/callback$`))
  provider = await openProvider([await callback.innerText()])
  await form.getByLabel(/^Name/).fill('Cobalt login')
  await form.getByLabel('Issuer').fill(provider.issuer)
  await form.getByRole('button', { name: 'Test' }).click()
  const answer = cy.getByRole('dialog', { name: 'It works' })
  await expect(answer).toBeVisible()
  await answer.getByRole('button', { name: 'Close' }).last().click()
  await form.getByLabel('Client id').fill(CLIENT.id)
  await form.getByLabel('Client secret').fill(CLIENT.secret)
  await form.getByRole('button', { name: 'Add group' }).click()
  await form.getByLabel('Group 1', { exact: true }).fill('crew')
  await form.getByLabel('Role of group 1').selectOption({ label: 'Editor' })
  await expectAccessible(cy)
  await form.getByRole('button', { name: 'Add source' }).click()
  await expect(cy.getByRole('button', { name: 'Disable' })).toBeVisible()
}

test('an OpenID Connect provider is added, turns away, signs in by group, and is deleted', async ({
  complaints,
  newVisitor,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/127\.0\.0\.1/) // the provider's own pages
  const cy = await newVisitor()
  await signIn(cy, cobalt, 'cy', printed('E2E_DEMO_PASSWORD'))
  await addProvider(cy)

  const lea = await newVisitor()
  const enter = async () => {
    await lea.goto(`${cobalt}/login?next=${encodeURIComponent('/infrastructure/hosts')}`)
    await lea.getByRole('link', { name: 'Sign in with Cobalt login' }).click()
  }
  // In no group that gives a role
  provider.state.who = LEA
  await enter()
  await expect(lea.getByText(/role/i).first()).toBeVisible()
  expect(new URL(lea.url()).searchParams.get('problem')).toBe('sso-role')
  provider.state.who = { ...LEA, groups: ['crew'] }
  await enter()
  await expect(lea.getByRole('button', { name: 'Account of Lea Lind' })).toBeVisible()
  expect(lea.url()).toBe(`${cobalt}/infrastructure/hosts`)

  await cy.reload()
  await expect(cy.getByText('1 person')).toBeVisible()
  await cy.getByRole('button', { name: 'Delete' }).click()
  await cy.getByRole('dialog').getByRole('textbox').fill('Cobalt login')
  await cy.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(cy.getByText('People sign in with a password')).toBeVisible()
  // Whoever came in by it is out with it
  complaints.expect(/401/)
  await lea.goto(`${cobalt}/infrastructure/hosts`)
  await expect(lea).toHaveURL(/\/login/)
  type Found = { rows: { id: string; username: string }[] }
  const { rows } = await query<Found>(cy, 'users.list', { search: 'lea' })
  for (const { id, username } of rows) if (username === 'lea') await command(cy, 'users.delete', { id })
})
