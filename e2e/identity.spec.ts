import type { Page } from '@playwright/test'
import { makeCertificate } from '../server/features/identity/certificate.fixture'
import { hasSimpleSaml, openSimpleSaml, type SimpleSaml } from '../test/simplesaml'
import { command, query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const LEA = {
  uid: ['lea'],
  pid: ['lea'],
  mail: ['lea@acme.example'],
  displayName: ['Lea Lind'],
  groups: ['all'],
}

// A person's browser is the only one that knows which cookies go along when another site posts a form: so the whole way once, in one.
let idp: SimpleSaml
test.skip(!hasSimpleSaml(), 'simpleSAMLphp is not here')
test.beforeAll(async () => {
  const users = { lea: { password: 'password of lea', attributes: LEA } }
  idp = await openSimpleSaml({ ...makeCertificate(), users, consoles: [] })
})
test.afterAll(() => idp.close())

/** Fills in the form of a new SAML source, whose addresses it registers there. @returns the id of the source to be */
async function addSource(ada: Page): Promise<void> {
  await ada.goto(`${acme}/settings/identity`)
  await ada.getByRole('button', { name: 'Add source' }).click()
  await ada.getByRole('radio', { name: /SAML 2\.0/ }).check()
  await ada.getByRole('button', { name: 'Next' }).click()
  const form = ada.getByRole('dialog')
  const addressOf = (end: string) =>
    form.getByText(new RegExp(`^${acme}/api/sso/saml/[0-9a-f-]{36}/${end}$`)).innerText()
  idp.addConsole({ entityId: await addressOf('metadata'), acs: await addressOf('acs') })
  await form.getByLabel(/^Name/).fill('Acme login')
  await form.getByLabel('Metadata of the provider').fill(await idp.metadata())
  await form.getByRole('button', { name: 'Fill in from metadata' }).click()
  await expect(form.getByText('The fields below are filled in', { exact: true })).toBeVisible()
  await expect(form.getByLabel('Entity id of the provider')).toHaveValue(idp.entityId)
  await form.getByRole('button', { name: 'Test' }).click()
  await expect(ada.getByRole('dialog', { name: 'It works' })).toContainText(
    'A server answers at the sign-in address',
  )
  await ada.getByRole('dialog', { name: 'It works' }).getByRole('button', { name: 'Close' }).last().click()
  await form.getByRole('button', { name: 'Add group' }).click()
  await form.getByLabel('Group 1', { exact: true }).fill('all')
  await form.getByLabel('Role of group 1').selectOption({ label: 'Viewer' })
  await form.getByRole('button', { name: 'Add source' }).click()
  await expect(ada.getByRole('button', { name: 'Disable' })).toBeVisible()
}

test('a SAML source is added from metadata, signs somebody in, is disabled and deleted', async ({
  asUser,
  complaints,
  newVisitor,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/127\.0\.0\.1/) // the provider's own pages
  const ada = await asUser("Ada, Acme's owner")
  await addSource(ada)

  const lea = await newVisitor()
  await lea.goto(`${acme}/login?next=${encodeURIComponent('/infrastructure/hosts')}`)
  await lea.getByRole('link', { name: 'Sign in with Acme login' }).click()
  await lea.locator('input[name=username]').fill('lea')
  await lea.locator('input[name=password]').fill('password of lea')
  await lea.locator('input[name=password]').press('Enter')
  await expect(lea.getByRole('button', { name: /^Account of/ })).toBeVisible()
  expect(lea.url()).toBe(`${acme}/infrastructure/hosts`)

  await ada.reload()
  await expect(ada.getByText('1 person')).toBeVisible()
  await ada.getByRole('button', { name: 'Edit' }).click()
  await ada.getByRole('dialog').getByLabel(/^Name/).fill('Acme sign-in')
  await ada.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(ada.getByRole('heading', { name: /Acme sign-in/ })).toBeVisible()
  await ada.getByRole('button', { name: 'Disable' }).click()
  await ada.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await expect(ada.getByRole('button', { name: 'Enable' })).toBeVisible()
  // Her open page goes there by itself, as her session has ended
  await expect(lea.getByLabel('Username')).toBeVisible()
  await expect(lea.getByRole('link', { name: /Sign in with/ })).toHaveCount(0)

  await ada.getByRole('button', { name: 'Delete' }).click()
  await ada.getByRole('dialog').getByRole('textbox').fill('Acme sign-in')
  await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(ada.getByText('People sign in with a password')).toBeVisible()
  type Found = { rows: { id: string; username: string }[] }
  const { rows } = await query<Found>(ada, 'users.list', { search: 'lea' })
  for (const { id, username } of rows) if (username === 'lea') await command(ada, 'users.delete', { id })
})
