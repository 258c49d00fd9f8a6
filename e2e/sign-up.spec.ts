import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { linkInMail } from './fixtures/mail'
import { formIsLive } from './fixtures/people'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const PASSWORD = 'seven quiet green lamps'
const PHONE = { width: 390, height: 844 }

test.describe.configure({ mode: 'serial' })

/** As Mara: switches sign-up on or changes how, in its page. */
async function settings(mara: Page, change: (page: Page) => Promise<void>, said: string): Promise<void> {
  await mara.goto(`${demo.main}/settings/sign-up`)
  await formIsLive(mara)
  await change(mara)
  await mara.getByRole('button', { name: 'Save' }).click()
  await expect(mara.getByText(said).first()).toBeVisible()
}

async function ask(page: Page, name: string, email: string): Promise<void> {
  await page.goto(`${demo.main}/login`)
  await page.getByRole('link', { name: 'Create an organization' }).click()
  await formIsLive(page)
  await page.getByLabel('Name of the organization').fill(name)
  await page.getByLabel('Your e-mail address').fill(email)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByText('Look into your mail')).toBeVisible()
}

async function makeIt(page: Page, first: string): Promise<void> {
  await formIsLive(page)
  await page.getByLabel('First name').fill(first)
  await page.getByLabel(/^Password\b(?!,)/).fill(PASSWORD)
  await page.getByLabel(/^Password, once more/).fill(PASSWORD)
  await page.getByRole('button', { name: 'Create and sign in' }).click()
  await expect(page.getByRole('heading', { name: `Welcome, ${first}` })).toBeVisible()
}

async function fits(page: Page): Promise<void> {
  const size = page.viewportSize()
  await page.setViewportSize(PHONE)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
  await page.setViewportSize(size!)
}

/** As the other specs know the demo. */
async function remove(mara: Page, name: string): Promise<void> {
  await mara.goto(demo.main)
  const found = await query<{ rows: { id: string; name: string }[] }>(mara, 'tenants.list', { search: name })
  for (const { id } of found.rows.filter((row) => row.name === name))
    await command(mara, 'tenants.delete', { id, confirmName: name })
}

test('Mara switches sign-up on, and a visitor makes an organization and lands in it', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(150_000)
  complaints.expect(/status of 404/)
  const mara = await asUser('Mara, MSP admin')
  const nia = await newVisitor()
  // Off, there is no such page, and nothing leads to it
  expect((await nia.goto(`${demo.main}/sign-up`))?.status()).toBe(404)
  await nia.goto(`${demo.main}/login`)
  await expect(nia.getByRole('link', { name: 'Create an organization' })).toHaveCount(0)

  await settings(
    mara,
    async (page) => {
      await page.getByLabel('People can sign up').check()
      await page.getByLabel('Tenant role').selectOption({ label: 'Customer' })
      await page.getByLabel('Address of your terms').fill('https://msp.example/terms')
    },
    'Saved. People can sign up.',
  )
  await expectAccessible(mara)

  await nia.goto(`${demo.main}/sign-up`)
  await expectAccessible(nia)
  await fits(nia)
  await ask(nia, 'Harbour & Sons', 'nia@harbour.example')
  await expectAccessible(nia)
  await nia.goto(await linkInMail(mara, 'nia@harbour.example'))
  await expect(nia).not.toHaveURL(/#/)
  await expect(nia.getByText('harbour-and-sons')).toBeVisible()
  await expectAccessible(nia)
  await fits(nia)
  await nia.getByLabel('I accept the terms').check()
  await makeIt(nia, 'Nia')
  await expect(nia).toHaveURL(`${demo.tenant('harbour-and-sons')}/`)
  await expect(nia.getByText('What to do next')).toBeVisible()
  await expect(nia.getByText('Invite your people')).toBeVisible()

  await mara.goto(`${demo.main}/settings/sign-up`)
  await expect(mara.getByRole('row', { name: /nia@harbour\.example/ })).toContainText('Made')
  expect(await linkInMail(mara, 'nia@harbour.example')).toBe(`${demo.tenant('harbour-and-sons')}/login`)

  // An address that has an account sees the same page; its mail leads to signing in
  const again = await newVisitor()
  await ask(again, 'Harbour Two', 'nia@harbour.example')
  expect(await linkInMail(mara, 'nia@harbour.example')).toBe(`${demo.tenant('harbour-and-sons')}/login`)
  await remove(mara, 'Harbour & Sons')
})

test('an administrator approves first; two who want one address get two', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(150_000)
  complaints.expect(/status of 40[049]/)
  const mara = await asUser('Mara, MSP admin')
  await settings(
    mara,
    async (page) => {
      await page.getByLabel('People can sign up').check()
      await page.getByLabel('An administrator approves first').check()
      await page.getByLabel('Address of your terms').fill('')
    },
    'Saved. People can sign up.',
  )
  const [one, two] = [await newVisitor(), await newVisitor()]
  for (const [page, email] of [
    [one, 'one@quarry.example'],
    [two, 'two@quarry.example'],
  ] as const) {
    await ask(page, email.startsWith('one') ? 'Quarry' : 'Quarry!', email)
    await page.goto(await linkInMail(mara, email))
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(page.getByText('Your request is sent')).toBeVisible()
    await mara.goto(demo.main)
    await expect(mara.getByText('1 sign-up waits')).toBeVisible()
    await mara.getByRole('link', { name: 'See who' }).click()
    await mara.getByRole('button', { name: `Actions for sign-up of ${email}` }).click()
    await mara.getByRole('menuitem', { name: 'Approve' }).click()
    await mara.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await expect(mara.getByText('says that it is approved').first()).toBeVisible()
  }
  const links = [await linkInMail(mara, 'one@quarry.example'), await linkInMail(mara, 'two@quarry.example')]
  await one.goto('about:blank')
  await one.goto(links[0] ?? '')
  await makeIt(one, 'One')
  await two.goto('about:blank')
  await two.goto(links[1] ?? '')
  await expect(two.getByText('The address cannot be used any more')).toBeVisible()
  await expectAccessible(two)
  await two.getByLabel(/^Address/).fill('quarry-two')
  await makeIt(two, 'Two')
  await expect(two).toHaveURL(`${demo.tenant('quarry-two')}/`)

  await settings(
    mara,
    async (page) => {
      await page.getByLabel('People can sign up').uncheck()
      await page.getByLabel('An administrator approves first').uncheck()
    },
    'Saved. Sign-up is off.',
  )
  expect((await two.goto(`${demo.main}/sign-up`))?.status()).toBe(404)
  for (const name of ['Quarry', 'Quarry!']) await remove(mara, name)
})
