import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { formIsLive } from './fixtures/people'
import { linkInMail } from './fixtures/mail'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
const PASSWORD = 'seven quiet green lamps'

async function invite(page: Page, origin: string, text: string, role?: string): Promise<void> {
  await page.goto(`${origin}/settings/users/invitations`)
  await page.getByRole('button', { name: 'Invite', exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail addresses').fill(text)
  if (role) await dialog.getByLabel('Role', { exact: true }).selectOption({ label: role })
  await dialog.getByRole('button', { name: /^Invite/ }).click()
}

test('Ada invites, the mail brings Lea in, and one acceptance answers Bolt, too', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(120_000)
  const [ada, bo, mara] = [
    await asUser("Ada, Acme's owner"),
    await asUser("Bo, Bolt's admin"),
    await asUser('Mara, MSP admin'),
  ]
  await invite(ada, acme, 'lea@stern.example, Editor\nnot an address')
  const results = ada.getByRole('dialog')
  await expect(results.getByRole('heading', { name: '1 person is invited' })).toBeVisible()
  await expect(results.getByText('This is no e-mail address')).toBeVisible()
  await expectAccessible(ada)
  await results.getByRole('button', { name: 'Done' }).click()
  await expect(ada.getByRole('row', { name: /lea@stern\.example/ })).toContainText('Pending')
  await invite(bo, bolt, 'lea@stern.example')
  await bo.getByRole('dialog').getByRole('button', { name: 'Done' }).click()

  const link = await linkInMail(mara, 'lea@stern.example')
  const lea = await newVisitor()
  await lea.goto(link)
  await expect(lea.getByText('as Editor')).toBeVisible()
  await expect(lea.getByText('Bolt Manufacturing')).toBeVisible()
  await expect(lea).not.toHaveURL(/#/)
  await expectAccessible(lea)
  await lea.getByRole('button', { name: 'Accept with a new account' }).click()
  await formIsLive(lea)
  await lea.getByLabel('First name').fill('Lea')
  await lea.getByLabel('Last name').fill('Stern')
  await lea.getByLabel(/^Password\b(?!,)/).fill(PASSWORD)
  await lea.getByLabel(/^Password, once more/).fill(PASSWORD)
  await lea.getByRole('button', { name: 'Accept and sign in' }).click()
  await expect(lea.getByRole('button', { name: /^Account of Lea/ })).toBeVisible()

  // the link is worth nothing now, and Bolt lists her as its own
  complaints.expect(/status of 403/)
  const late = await newVisitor()
  await late.goto(link)
  await expect(late.getByText('This invitation does not work any more')).toBeVisible()
  await ada.reload()
  await expect(ada.getByRole('row', { name: /lea@stern\.example/ })).toContainText('Accepted')
  await bo.goto(`${bolt}/settings/users?q=lea`)
  await expect(bo.getByRole('row', { name: /Lea Stern/ })).toBeVisible()
})

test('an invitation is taken back, sent again and declined', async ({ asUser, newVisitor, complaints }) => {
  const [ada, mara] = [await asUser("Ada, Acme's owner"), await asUser('Mara, MSP admin')]
  await invite(ada, acme, 'kim@stern.example')
  await ada.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  const first = await linkInMail(mara, 'kim@stern.example')
  await ada.getByRole('button', { name: 'Actions for invitation of kim@stern.example' }).click()
  await ada.getByRole('menuitem', { name: 'Send again' }).click()
  await ada.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
  await expect(ada.getByText('A new mail to kim@stern.example is written').first()).toBeVisible()
  complaints.expect(/status of 403/)
  const kim = await newVisitor()
  await kim.goto(first)
  await expect(kim.getByText('does not work any more')).toBeVisible()
  await kim.goto('about:blank')
  await kim.goto(await linkInMail(mara, 'kim@stern.example'))
  await kim.getByRole('button', { name: 'Decline' }).click()
  await expect(kim.getByText('You declined.')).toBeVisible()
  await ada.goto(`${acme}/settings/users/invitations?q=kim&status=declined`)
  await expect(ada.getByRole('row', { name: /kim@stern\.example/ })).toContainText('Declined')
})

test('Mara invites Lin into two tenants from People, raises what is pending, and Lin reaches every tenant', async ({
  asUser,
  newVisitor,
  complaints,
}) => {
  test.setTimeout(180_000)
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}/admin/people`)
  await mara.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = mara.getByRole('dialog', { name: 'Invite people' })
  await dialog.getByLabel('E-mail addresses').fill('lin@stern.example')
  for (const tenant of ['Acme', 'Bolt']) {
    await dialog.getByRole('button', { name: 'Add tenant' }).click()
    await mara
      .getByRole('option', { name: new RegExp(tenant) })
      .first()
      .click()
  }
  await dialog.getByLabel('Role in each tenant').selectOption({ label: 'Editor' })
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  const results = mara.getByRole('dialog', { name: '1 person is invited' })
  await expect(results.getByText('lin@stern.example')).toHaveCount(2)
  await expectAccessible(mara)
  await results.getByRole('button', { name: 'Done' }).click()

  await mara.getByRole('link', { name: 'Invitations', exact: true }).click()
  await expect(
    mara.getByRole('row', { name: /lin@stern\.example.*Pending.*Tenant level.*Editor/ }),
  ).toHaveCount(2)
  await expectAccessible(mara)
  const old = await linkInMail(mara, 'lin@stern.example')
  await mara.goto(`${demo.main}/admin/people/invitations?q=lin@stern`)
  await mara.getByRole('button', { name: /^Actions for invitation of lin@stern\.example into Acme/ }).click()
  await mara.getByRole('menuitem', { name: 'Change level' }).click()
  const raise = mara.getByRole('dialog', { name: 'Invite at parent level instead' })
  await expect(raise.getByRole('checkbox', { name: /Bolt/ })).toBeChecked()
  await raise.getByLabel('Role in every tenant').selectOption({ label: 'Support' })
  await expectAccessible(mara)
  await raise.getByRole('button', { name: 'Change level' }).click()
  await expect(mara.getByRole('row', { name: /Pending.*Parent level.*Support/ })).toHaveCount(1)
  await expect(mara.getByRole('row', { name: /Taken back/ })).toHaveCount(2)

  complaints.expect(/status of 403/)
  const lin = await newVisitor()
  await lin.goto(old)
  await expect(lin.getByText('does not work any more')).toBeVisible()
  await lin.goto('about:blank')
  await lin.goto(await linkInMail(mara, 'lin@stern.example'))
  await expect(lin.getByText('as Support')).toBeVisible()
  await lin.getByRole('button', { name: 'Accept with a new account' }).click()
  await formIsLive(lin)
  await lin.getByLabel('First name').fill('Lin')
  await lin.getByLabel(/^Password\b(?!,)/).fill(PASSWORD)
  await lin.getByLabel(/^Password, once more/).fill(PASSWORD)
  await lin.getByRole('button', { name: 'Accept and sign in' }).click()
  await expect(lin.getByRole('button', { name: /^Account of Lin/ })).toBeVisible()
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/settings/users?q=lin`)
  const row = ada.getByRole('row', { name: /Lin/ })
  await expect(row.getByText('Provider')).toBeVisible() // with the globe
  await expect(row.getByText('Support')).toBeVisible()
})
