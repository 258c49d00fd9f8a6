import { expectAccessible } from './fixtures/axe'
import { requestAs } from './fixtures/http'
import { linkInMail } from './fixtures/mail'
import { fillSignIn } from './fixtures/people'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const NEW = 'violet-kettle-ridge-8'

test('a directory provisions somebody, who signs in by a mailed link and is out the moment they are deactivated', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(180_000)
  complaints.expect(/reset\/check.*404/)
  const [ada, mara] = [await asUser("Ada, Acme's owner"), await asUser('Mara, MSP admin')]
  await ada.goto(`${acme}/settings/identity`)
  await ada.getByRole('button', { name: 'Add connection' }).click()
  const sheet = ada.getByRole('dialog', { name: 'Add a SCIM connection' })
  await sheet.getByRole('textbox', { name: /^Name/ }).fill('Okta')
  await sheet.getByRole('button', { name: 'Add group' }).click()
  await sheet.getByLabel('Group 1', { exact: true }).fill('Engineering')
  await sheet.getByLabel('Role of group 1').selectOption({ label: 'Editor' })
  await expectAccessible(ada)
  await sheet.getByRole('button', { name: 'Add connection' }).click()
  const reveal = ada.getByRole('dialog', { name: 'Enter this in your directory for Okta' })
  const token = /fhs_[A-Za-z0-9_-]{43}/.exec(await reveal.innerText())?.[0] ?? ''
  await expect(reveal.getByText(`${acme}/scim/v2`)).toBeVisible()
  await expectAccessible(ada)
  await reveal.getByRole('button', { name: 'I have copied it' }).click()

  const scim = async (method: string, path: string, body?: object) => {
    const answer = await requestAs(`${acme}/scim/v2${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token}` },
    })
    return {
      status: answer.status,
      body: (answer.body === '' ? {} : JSON.parse(answer.body)) as { id: string },
    }
  }
  const made = await scim('POST', '/Users', {
    userName: 'nora',
    name: { givenName: 'Nora', familyName: 'Voss' },
    emails: [{ value: 'nora@acme.example', type: 'work', primary: true }],
    active: true,
  })
  expect(made.status).toBe(201)
  const group = await scim('POST', '/Groups', {
    displayName: 'Engineering',
    members: [{ value: made.body.id }],
  })
  expect(group.status).toBe(201)

  await ada.goto(`${acme}/settings/users?q=nora`)
  const row = ada.getByRole('row', { name: /Nora Voss/ })
  await expect(row.getByText('Provisioned')).toBeVisible()
  await expect(row.getByText('Editor')).toBeVisible()
  await expectAccessible(ada)

  // No password yet: a link by mail sets one
  const nora = await newVisitor()
  await nora.goto(`${acme}/login`)
  await nora.getByRole('link', { name: 'Forgot your password?' }).click()
  await nora.getByLabel('Username or e-mail address').fill('nora@acme.example')
  await nora.getByRole('button', { name: 'Send the link' }).click()
  await expect(nora.getByText('Look into your mail')).toBeVisible()
  await nora.goto(await linkInMail(mara, 'nora@acme.example'))
  await nora.getByLabel('New password for nora').fill(NEW)
  await nora.getByLabel('New password, once more').fill(NEW)
  await nora.getByRole('button', { name: 'Set the password' }).click()
  await expect(nora.getByText('Your new password is set')).toBeVisible()
  await nora.goto(`${acme}/login`)
  await fillSignIn(nora, 'nora', NEW)
  await expect(nora.getByRole('button', { name: /^Account of/ })).toBeVisible()

  // Deactivated as Entra ID says it: the next page is the sign-in
  const off = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }
  expect((await scim('PATCH', `/Users/${made.body.id}`, off)).status).toBe(200)
  await nora.goto(`${acme}/infrastructure/hosts`)
  await expect(nora.getByRole('button', { name: 'Sign in' })).toBeVisible()

  await ada.goto(`${acme}/audit`)
  await expect(ada.getByText('Deactivated a provisioned user').first()).toBeVisible()
  await expect(ada.getByText('SCIM connection Okta').first()).toBeVisible()

  // And Acme is as it was
  expect((await scim('DELETE', `/Users/${made.body.id}`)).status).toBe(204)
  expect((await scim('DELETE', `/Groups/${group.body.id}`)).status).toBe(204)
  await ada.goto(`${acme}/settings/identity`)
  const card = ada.getByRole('region', { name: 'Provisioning (SCIM)' })
  await expect(card.getByText('Last used')).toBeVisible()
  await card.getByRole('button', { name: 'Delete' }).click()
  await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(card.getByText('No directory provisions people')).toBeVisible()
  expect((await scim('GET', '/Users')).status).toBe(401)
})
