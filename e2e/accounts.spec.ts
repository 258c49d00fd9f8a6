import type { Page } from '@playwright/test'
import { codeAt } from '../server/features/second-factor/totp'
import { fillSignIn } from './fixtures/people'
import { linkInMail } from './fixtures/mail'
import { demo } from './fixtures/site'
import { command } from './fixtures/http'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const NEW = 'violet-kettle-ridge-7'
const VIEWER = '00000000-0000-4000-8000-000000000206'

async function signInWith(page: Page, password: string): Promise<void> {
  await page.goto(`${acme}/login`)
  await fillSignIn(page, 'pat', password)
}
const isIn = (page: Page) => expect(page.getByRole('button', { name: /^Account of/ })).toBeVisible()

test('a forgotten password, then codes from an app, a recovery code and a passkey', async ({
  asUser,
  complaints,
  page,
}) => {
  test.setTimeout(180_000)
  complaints.expect(/reset\/check.*404/)
  const [mara, ada] = [await asUser('Mara, MSP admin'), await asUser("Ada, Acme's owner")]
  await ada.goto(acme)
  // Somebody of whom no other spec knows: what happens to an account ends its sessions
  const who = { firstName: 'Pat', lastName: 'Meyer', username: 'pat', email: 'pat@acme.example' }
  const { id } = await command<{ id: string }>(ada, 'users.create', { ...who, roleIds: [VIEWER] })

  // Forgotten: a link by mail, once
  await page.goto(`${acme}/login`)
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByLabel('Username or e-mail address').fill('pat@acme.example')
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(page.getByText('Look into your mail')).toBeVisible()
  const link = await linkInMail(mara, 'pat@acme.example')
  expect(link).toContain(`${acme}/reset#`)
  await page.goto(link)
  await page.getByLabel('New password for pat').fill(NEW)
  await page.getByLabel('New password, once more').fill(NEW)
  expect(page.url()).toBe(`${acme}/reset`) // the token is out of the address
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByText('Your new password is set')).toBeVisible()
  await page.goto(link)
  await page.reload()
  await expect(page.getByRole('link', { name: 'Ask for a new link' })).toBeVisible()

  // An app of one-time codes
  await signInWith(page, NEW)
  await isIn(page)
  await page.goto(`${acme}/account/security`)
  await page.getByRole('button', { name: 'Set up' }).click()
  const dialog = page.getByRole('dialog')
  const secret = (await dialog.getByRole('region', { name: 'key' }).innerText()).replace(/\s/g, '')
  await dialog.getByLabel('Code from the app').fill(codeAt(secret, Date.now() - 30_000))
  await dialog.getByLabel('Your password').fill(NEW)
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  const codes = (await page.getByRole('region', { name: 'recovery codes' }).innerText()).trim().split('\n')
  expect(codes).toHaveLength(10)
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByText('10 are left')).toBeVisible()

  await page.context().clearCookies()
  await signInWith(page, NEW)
  await page.getByLabel('Code from your app').fill(codeAt(secret))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await isIn(page)

  await page.context().clearCookies()
  await signInWith(page, NEW)
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await isIn(page)

  // A passkey, in Chromium's own virtual authenticator
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto(`${acme}/account/security`)
  await expect(page.getByText('9 are left')).toBeVisible()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Laptop')
  await page.getByRole('dialog').getByLabel('Your password').fill(NEW)
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
  await expect(page.getByRole('button', { name: 'Remove Laptop' })).toBeVisible()

  await page.context().clearCookies()
  await page.goto(`${acme}/login`)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await isIn(page)

  await page.context().clearCookies()
  await signInWith(page, NEW)
  // the page of the password has a button of this name, too
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await isIn(page)
  await command(ada, 'users.delete', { id })
})
