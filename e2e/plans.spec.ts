import { licenceKey } from '@/test/publisher'
import { expectAccessible } from './fixtures/axe'
import { query } from './fixtures/http'
import { type OwnDemo, startOwnDemo } from './fixtures/own-demo'
import { formIsLive, signIn } from './fixtures/people'
import { expect, test } from './fixtures/test'

const PHONE = { width: 390, height: 844 }

interface Known {
  installId: string
  now: { hosts: number | null }
}

let demo: OwnDemo
test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  test.setTimeout(200_000)
  demo = await startOwnDemo()
})
test.afterAll(() => demo.stop())

test('a licence key is read, refused where it is another installation’s, and activated', async ({
  newVisitor,
  complaints,
}) => {
  complaints.expect(/status of 400/)
  const mara = await newVisitor()
  await signIn(mara, demo.main, 'mara', demo.password)
  const { installId } = await query<Known>(mara, 'licence.list')
  await mara.getByRole('link', { name: 'Plans & Activation' }).click()
  await formIsLive(mara)
  await expect(mara.getByRole('heading', { name: 'Community' })).toBeVisible()
  await expect(mara.getByText(installId)).toBeVisible()
  await expectAccessible(mara)

  await mara.getByLabel('Licence key').fill('FREEHOLD1.nothing')
  await mara.getByRole('button', { name: 'Read key' }).click()
  await expect(mara.getByText('This is no licence key.').first()).toBeVisible()
  await mara.getByLabel('Licence key').fill(licenceKey('00000000-0000-4000-8000-00000000beef'))
  await mara.getByRole('button', { name: 'Read key' }).click()
  await expect(mara.getByText('This key is for another installation.').first()).toBeVisible()

  await mara
    .getByLabel('Licence key')
    .fill(licenceKey(installId, { customer: 'Northwind, by e-mail', hosts: 250 }))
  await mara.getByRole('button', { name: 'Read key' }).click()
  const dialog = mara.getByRole('dialog', { name: 'Activate this licence?' })
  await expect(dialog.getByText('Northwind, by e-mail')).toBeVisible()
  await expect(dialog.getByText('250 hosts')).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Activate' }).click()
  await expect(mara.getByText('Licence key for Northwind, by e-mail')).toBeVisible()
  await expect(mara.getByText(/of 250/)).toBeVisible()
  expect((await query<Known>(mara, 'licence.list')).now.hosts).toBe(250)

  const size = mara.viewportSize()
  await mara.setViewportSize(PHONE)
  expect(await mara.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
  await mara.setViewportSize(size!)
})

test('without a licence creating a tenant says what is missing, and leads to where it is had', async ({
  newVisitor,
}) => {
  const mara = await newVisitor()
  await signIn(mara, demo.main, 'mara', demo.password)
  await mara.goto(`${demo.main}/settings/plans`)
  await formIsLive(mara)
  const { installId } = await query<Known>(mara, 'licence.list')
  const end = mara.getByRole('button', { name: /^End / })
  for (let left = await end.count(); left > 0; left--) {
    await end.first().click()
    await mara.getByRole('dialog').getByRole('button', { name: 'End licence' }).click()
    await expect(end).toHaveCount(left - 1)
  }
  await expect(mara.getByText(/^The licence ended on/)).toBeVisible()

  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText('Multi-tenant requires an Enterprise license')).toBeVisible()
  await expectAccessible(mara)
  await mara
    .getByRole('link', { name: /Plans & Activation/ })
    .last()
    .click()

  // What is there goes on
  await mara.goto(`${demo.main}/admin/tenants`)
  await expect(mara.getByRole('link', { name: 'Acme' }).first()).toBeVisible()
  const ada = await newVisitor()
  await signIn(ada, demo.tenant('acme'), 'ada', demo.password)
  await ada.goto(`${demo.tenant('acme')}/infrastructure/hosts`)
  await expect(ada.getByRole('heading', { name: 'Hosts' })).toBeVisible()

  await mara.goto(`${demo.main}/settings/plans`)
  await formIsLive(mara)
  await mara.getByLabel('Licence key').fill(licenceKey(installId))
  await mara.getByRole('button', { name: 'Read key' }).click()
  await mara.getByRole('dialog').getByRole('button', { name: 'Activate' }).click()
  await expect(mara.getByText('The licence key is activated.').first()).toBeVisible()
  await mara.goto(`${demo.main}/admin/tenants/new`)
  await expect(mara.getByText('Multi-tenant requires an Enterprise license')).toHaveCount(0)
})
