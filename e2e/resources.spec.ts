import { expectAccessible } from './fixtures/axe'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const NETWORKS = '/infrastructure/networks'

test('a network from the form to the tenant that uses it: visibility and tenant in one save', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/status of 40[034]/)
  const name = `e2e-net-${Date.now()}`
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}${NETWORKS}`)
  await mara.getByRole('link', { name: 'New network' }).click()
  await mara.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await mara.getByLabel('CIDR').fill('10.77.0.1/24')
  await mara.getByRole('button', { name: 'Create network' }).click()
  // What is wrong stands beside its field, and nothing typed is lost.
  await expect(mara.getByText('Enter a network such as 10.20.0.0/24').last()).toBeVisible()
  await expect(mara.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(name)
  await expectAccessible(mara)
  await mara.getByLabel('CIDR').fill('10.77.0.0/24')
  await mara.getByRole('button', { name: 'Create network' }).click()
  await expect(mara.getByRole('heading', { name, level: 1 })).toBeVisible()
  await expect(mara.getByText('254', { exact: true })).toBeVisible()

  await mara.getByRole('link', { name: 'Edit', exact: true }).click()
  await mara.getByLabel('VLAN').fill('77')
  await mara.getByRole('button', { name: 'Tenant', exact: true }).click()
  await mara.getByRole('option', { name: 'Acme Retail' }).click()
  await expect(mara.getByText(`Acme Retail gains Network ${name}`)).toBeVisible()
  await expect(mara.getByLabel('Visibility')).toBeDisabled()
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Save changes' }).click()
  await expect(mara).toHaveURL(/networks\/[0-9a-f-]{36}$/)
  const path = new URL(mara.url()).pathname

  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(`${acme}${NETWORKS}`)
  await tom.getByRole('link', { name }).click()
  await expect(tom.getByText('77', { exact: true })).toBeVisible()
  await expect(tom.getByText('Assigned to you').first()).toBeVisible()
  await expect(tom.getByRole('button', { name: 'Edit' })).toHaveAttribute('aria-disabled', 'true')
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}${path}/edit`)
  await expect(ada.getByText('Your provider manages it')).toBeVisible()
  await expect(ada.getByRole('button', { name: 'Save changes' })).toHaveCount(0)
  expect((await tom.goto(`${demo.tenant('bolt')}${path}`))?.url()).toContain('/login')
})

test('a tenant makes its own, which its provider does not see; two people at one form', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  complaints.expect(/status of 40[49]/)
  const name = `e2e-own-${Date.now()}`
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/provisioning/profiles/new`)
  await ada.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await ada.getByRole('button', { name: 'Add parameter' }).click()
  await ada.getByLabel('Name of parameter 1').fill('ntp')
  await ada.getByLabel('Value of parameter ntp').fill('time.example')
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Create profile' }).click()
  await expect(ada.getByRole('heading', { name, level: 1 })).toBeVisible()
  const path = new URL(ada.url()).pathname
  const mara = await asUser('Mara, MSP admin')
  expect((await mara.goto(`${demo.main}${path}`))?.status()).toBe(404)

  const eve = await asUser("Eve, Acme's engineer")
  await ada.goto(`${acme}${path}/edit`)
  await eve.goto(`${acme}${path}/edit`)
  await eve.getByLabel('Value of parameter ntp').fill('eve.example')
  await eve.getByRole('button', { name: 'Save changes' }).click()
  await expect(eve.getByText('eve.example').first()).toBeVisible()
  await ada.getByLabel('Value of parameter ntp').fill('ada.example')
  await ada.getByRole('button', { name: 'Save changes' }).click()
  await expect(ada.getByText('Somebody saved it since you opened this form')).toBeVisible()
  await expect(ada.getByLabel('Value of parameter ntp')).toHaveValue('ada.example')
  await ada.getByRole('button', { name: 'Save mine over it' }).click()
  await expect(ada.getByText('ada.example').first()).toBeVisible()
})

test('menu, tabs and palette lead to every kind that one may look at', async ({ asUser }) => {
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/infrastructure/hosts`)
  await ada
    .getByRole('navigation', { name: 'Kinds of machine' })
    .getByRole('link', { name: 'Virtual machines' })
    .click()
  await expect(ada.getByRole('heading', { name: 'Virtual machines' })).toBeVisible()
  const menu = ada.getByRole('navigation', { name: 'Main' })
  await expect(menu.getByRole('link', { name: 'Hosts' })).toHaveAttribute('aria-current', 'page')
  await menu.getByRole('button', { name: 'Provisioning' }).click()
  await menu.getByRole('link', { name: 'Instance types' }).click()
  await ada.getByRole('link', { name: 'medium' }).click()
  await expect(ada.getByText('0.052 EUR')).toBeVisible()
  await ada.keyboard.press('Control+k')
  await ada.getByPlaceholder('Go to or search…').fill('acme-office')
  await ada.getByRole('option', { name: /acme-office.*Network/ }).click()
  await expect(ada.getByRole('heading', { name: 'acme-office', level: 1 })).toBeVisible()
  await ada.keyboard.press('Control+k')
  await ada.getByPlaceholder('Go to or search…').fill('create folder')
  await ada.getByRole('option', { name: 'Create folder' }).click()
  await expect(ada.getByRole('heading', { name: 'New folder' })).toBeVisible()
})

test('lists, details and forms on a phone, in light and dark', async ({ asUser }) => {
  test.setTimeout(180_000)
  const page = await asUser('Mara, MSP admin')
  await page.goto(demo.main)
  await page.setViewportSize({ width: 390, height: 844 })
  const fits = async () => {
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(
      390,
    )
  }
  for (const [list, name] of [
    ['infrastructure/resource-pools', 'acme-production'],
    ['infrastructure/bare-metal', 'rack5-node-1'],
    ['provisioning/policies', 'At most 50 machines'],
  ] as const) {
    await page.goto(`${demo.main}/${list}`)
    await fits()
    await page.getByRole('link', { name, exact: true }).click()
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
    await fits()
    await page.goto(`${page.url()}/edit`)
    await fits()
  }
})
