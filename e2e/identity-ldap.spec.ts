import type { Page } from '@playwright/test'
import { ENTRIES, LEA_PASSWORD } from '../server/features/identity/ldap-entries.fixture'
import { BASE, ensureSlapd, READER, type Slapd, startSlapd } from '../test/slapd'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { formIsLive } from './fixtures/people'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const bolt = demo.tenant('bolt')

let slapd: Slapd
test.skip(!ensureSlapd(), 'OpenLDAP is not here')
test.beforeAll(async () => {
  slapd = await startSlapd(ENTRIES)
})
test.afterAll(() => slapd?.stop())

/** Fills in the form of a directory, with the wrong authority first, and adds it. */
async function addDirectory(bo: Page): Promise<void> {
  await bo.goto(`${bolt}/settings/identity`)
  await bo.getByRole('button', { name: 'Add source' }).click()
  await bo.getByRole('radio', { name: /LDAP or Active Directory/ }).check()
  await bo.getByRole('button', { name: 'Next' }).click()
  const form = bo.getByRole('dialog', { name: 'Add a directory' })
  const tested = async (title: string, text: string) => {
    await form.getByRole('button', { name: 'Test' }).click()
    const answer = bo.getByRole('dialog', { name: title })
    await expect(answer).toContainText(text)
    await answer.getByRole('button', { name: 'Close' }).last().click()
  }
  await form.getByLabel(/^Name/).fill('Bolt directory')
  await form.getByRole('radio', { name: /Another directory/ }).check()
  await form.getByLabel('Server').fill('localhost')
  await form.getByLabel('Port').fill(String(slapd.securePort))
  await form.getByLabel('Certificate of your own authority').fill(slapd.otherCa)
  await form.getByLabel('Account that searches').fill(READER.dn)
  await form.getByLabel('Its password').fill(READER.password)
  await form.getByLabel(/^Base/).fill(BASE)
  await tested('Something is wrong', 'not from an authority that is trusted here')
  await form.getByLabel('Certificate of your own authority').fill(slapd.ca)
  await tested('It works', 'People tell their groups')
  await expectAccessible(bo)
  await form.getByRole('button', { name: 'Add group' }).click()
  await form.getByLabel('Group 1', { exact: true }).fill(`CN=All, OU=groups, ${BASE}`)
  await form.getByLabel('Role of group 1').selectOption({ label: 'Viewer' })
  await form.getByRole('button', { name: 'Add source' }).click()
  await expect(bo.getByText(`cn=all,ou=groups,${BASE}: Viewer`)).toBeVisible()
}

test('a directory is added, tested, signs somebody in by its own form, and is deleted', async ({
  asUser,
  complaints,
  newVisitor,
}) => {
  test.setTimeout(120_000)
  const bo = await asUser("Bo, Bolt's admin")
  await addDirectory(bo)

  const lea = await newVisitor()
  await lea.goto(`${bolt}/login?next=${encodeURIComponent('/infrastructure/hosts')}`)
  await lea.getByRole('link', { name: 'Sign in with Bolt directory' }).click()
  await expect(lea.getByRole('heading', { name: 'Sign in with Bolt directory' })).toBeVisible()
  await expectAccessible(lea)
  const type = async (password: string) => {
    await formIsLive(lea)
    await lea.getByLabel('Username').fill('lea')
    await lea.getByLabel('Password', { exact: true }).fill(password)
    await lea.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  complaints.expect(/401/)
  await type('wrong')
  await expect(lea.getByText('The username or password is wrong.')).toBeVisible()
  await type(LEA_PASSWORD)
  await expect(lea.getByRole('button', { name: /^Account of/ })).toBeVisible()
  expect(lea.url()).toBe(`${bolt}/infrastructure/hosts`)

  await bo.reload()
  await bo.getByRole('button', { name: 'Delete' }).click()
  await bo.getByRole('dialog').getByRole('textbox').fill('Bolt directory')
  await bo.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(bo.getByText('People sign in with a password')).toBeVisible()
  type Found = { rows: { id: string; username: string }[] }
  const { rows } = await query<Found>(bo, 'users.list', { search: 'lea' })
  for (const { id, username } of rows) if (username === 'lea') await command(bo, 'users.delete', { id })
})
