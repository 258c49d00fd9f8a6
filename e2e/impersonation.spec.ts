import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

test.describe.configure({ mode: 'serial', timeout: 150_000 })

const acme = demo.tenant('acme')
const REASON = 'Ticket 4711: backups do not run'

/** Opens the users of Acme as its provider. @returns the page's address */
async function usersOfAcme(mara: Page): Promise<string> {
  await mara.goto(demo.main)
  const { rows } = await query<{ rows: { id: string }[] }>(mara, 'tenants.list', { search: 'acme' })
  const address = `${demo.main}/admin/tenants/${rows[0]?.id ?? ''}/users`
  await mara.goto(address)
  return address
}

/** Opens the dialog from the row of somebody. */
async function openDialog(mara: Page, name: string) {
  await mara.getByRole('button', { name: `Actions for ${name}` }).click()
  await mara.getByRole('menuitem', { name: /^Impersonate/ }).click()
  const dialog = mara.getByRole('dialog', { name: `Impersonate ${name}` })
  await expect(dialog.getByLabel('Reason')).toBeVisible()
  return dialog
}

async function impersonate(mara: Page, name: string, { change = false } = {}): Promise<void> {
  const dialog = await openDialog(mara, name)
  await dialog.getByLabel('Reason').fill(REASON)
  if (change) await dialog.getByLabel('Only look').uncheck()
  await dialog.getByRole('button', { name: 'Impersonate' }).click()
  await mara.waitForURL(`${acme}/**`)
}

const banner = (page: Page) => page.getByRole('region', { name: 'Notice' })
const rename = (page: Page, id: string, name: string) =>
  page.evaluate(
    async (body) =>
      (
        await fetch('/api/trpc/hosts.rename', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).status,
    JSON.stringify({ id, name }),
  )
const hostOf = async (page: Page) =>
  (await query<{ rows: { id: string; name: string }[] }>(page, 'hosts.list', { search: 'acme-ci-1' }))
    .rows[0]!

test('Mara only looks as Eve, for a reason, and quits to where she was', async ({ asUser, complaints }) => {
  const mara = await asUser('Mara, MSP admin')
  const from = await usersOfAcme(mara)
  const dialog = await openDialog(mara, 'Eve Moreau')
  await dialog.getByRole('button', { name: 'Impersonate' }).click()
  complaints.expect(/status of 400/)
  await expect(dialog.getByText(/Say why, in a few words/).first()).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await impersonate(mara, 'Eve Moreau')

  await expect(banner(mara)).toContainText('You are Mara Quist, acting as Eve Moreau in Acme')
  await expect(banner(mara)).toContainText(/29:\d\d left|30:00 left/)
  await expect(banner(mara).getByText('Read-only')).toBeVisible()
  await expectAccessible(mara)
  complaints.expect(/status of 403/)
  expect(await rename(mara, (await hostOf(mara)).id, 'renamed')).toBe(403)

  await mara.goto(`${acme}/account/password`)
  await expect(mara.getByText('Not while impersonating')).toBeVisible()
  await mara.getByRole('button', { name: 'Mara Quist as Eve Moreau' }).click()
  await expect(mara.getByRole('menuitem', { name: 'Change password' })).toHaveCount(0)
  await expect(mara.getByRole('menuitem', { name: 'Sign out' })).toHaveCount(0)
  await mara.getByRole('menuitem', { name: 'Quit impersonating' }).click()
  await mara.waitForURL(from)
  await expect(mara.getByRole('button', { name: 'Account of Mara Quist' })).toBeVisible()
  // the tenant's host knows nobody in this browser any more
  await mara.goto(`${acme}/infrastructure/hosts`)
  await expect(mara).toHaveURL(/\/login/)
})

test('Mara works as Eve: both logs name both; quitting twice leads back, too', async ({
  asUser,
  complaints,
}) => {
  const [mara, ada] = [await asUser('Mara, MSP admin'), await asUser("Ada, Acme's owner")]
  const from = await usersOfAcme(mara)
  await impersonate(mara, 'Eve Moreau', { change: true })
  const host = await hostOf(mara)
  expect(await rename(mara, host.id, 'renamed-by-mara')).toBe(200)
  expect(await rename(mara, host.id, host.name)).toBe(200)

  const second = await mara.context().newPage()
  await second.goto(acme)
  await expect(banner(second)).toContainText('acting as Eve Moreau')
  await banner(mara).getByRole('button', { name: 'Quit' }).click()
  await mara.waitForURL(from)
  complaints.expect(/status of 401/)
  // the other tab hears of it by itself
  await expect(second.getByRole('heading', { name: 'You are yourself again' })).toBeVisible()
  await expectAccessible(second)
  await second.getByRole('link', { name: 'Back to the console' }).click()
  await second.waitForURL(from)
  await second.close()

  for (const [page, address] of [
    [ada, `${acme}/audit?q=host.rename`],
    [mara, `${demo.main}/admin/audit?q=host.rename`],
  ] as const) {
    await page.goto(address)
    const row = page.getByRole('row', { name: /Mara Quist \(mara\) as Eve Moreau \(eve\)/ }).first()
    await expect(row).toBeVisible()
    await row.getByRole('button', { name: /Renamed a host/ }).click()
    await expect(page.getByRole('dialog').getByText(REASON)).toBeVisible()
  }
})

test('Acme is asked first, lets Mara in and cuts her off', async ({ asUser, complaints }) => {
  const [mara, ada] = [await asUser('Mara, MSP admin'), await asUser("Ada, Acme's owner")]
  const page = `${acme}/settings/provider-access`
  const choose = async (choice: string) => {
    await ada.goto(page)
    await ada.getByRole('radio', { name: choice }).check()
    await ada.getByRole('button', { name: 'Save' }).click()
    await expect(ada.getByText('Saved: it holds from now on.').first()).toBeVisible()
  }
  await choose('Ask first')
  try {
    await usersOfAcme(mara)
    const dialog = await openDialog(mara, 'Eve Moreau')
    await expect(dialog.getByText('Acme Retail wants to be asked first')).toBeVisible()
    await dialog.getByLabel('Reason').fill(REASON)
    await dialog.getByRole('button', { name: 'Ask the tenant' }).click()
    await expect(dialog).toBeHidden()
    await ada.goto(page)
    await ada.getByRole('button', { name: 'Let them in' }).click()
    await expect(ada.getByText(/may come in, for 30 minutes/).first()).toBeVisible()

    await mara.reload()
    const again = await openDialog(mara, 'Eve Moreau')
    await expect(again.getByText('Acme Retail has agreed')).toBeVisible()
    await again.getByRole('button', { name: 'Impersonate' }).click()
    await mara.waitForURL(`${acme}/**`)
    await expect(banner(mara)).toContainText('acting as Eve Moreau')

    await ada.reload()
    await expect(ada.getByText('Mara Quist (mara) is in as Eve Moreau (eve)')).toBeVisible()
    await expectAccessible(ada)
    await ada.getByRole('button', { name: 'Cut off now' }).click()
    await expect(mara.getByRole('heading', { name: 'You are yourself again' })).toBeVisible()
    complaints.expect(/status of 401/)
    await expect(mara.getByText('The tenant cut it off.')).toBeVisible()
    await expect(ada.getByRole('row', { name: /Cut off by the tenant/ })).toBeVisible()
    await ada
      .getByRole('button', { name: /^Actions for Mara Quist \(mara\) as Eve/ })
      .first()
      .click()
    await ada.getByRole('menuitem', { name: 'What they did' }).click()
    await expect(ada.getByRole('dialog').getByText(/^Came in/)).toBeVisible()
  } finally {
    await choose('Always')
  }
})
