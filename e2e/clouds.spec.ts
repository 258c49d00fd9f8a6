import type { Page } from '@playwright/test'
import { expectAccessible } from './fixtures/axe'
import { command, query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
const CLOUDS = '/infrastructure/clouds'
const CIDR = { cidr: '10.88.0.0/24' }

const named = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true })
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 })
const idIn = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

/** Picks an option of a picker by its label. */
async function pick(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).click()
  await page.getByRole('combobox', { name: `Search ${label.toLowerCase()}` }).fill(option)
  await page.getByRole('option', { name: option }).click()
}

/** What the tenant role Organization, which Acme has, says of a cloud. */
async function grant(mara: Page, cloud: string, level: string): Promise<void> {
  await mara.goto(`${demo.main}/admin/roles`)
  await mara.getByRole('main').getByRole('link', { name: 'Organization' }).click()
  await mara
    .getByRole('radiogroup', { name: `Cloud ${cloud}` })
    .getByText(level, { exact: true })
    .click()
  await expect(mara.getByText(new RegExp(`^Acme Retail (gains|loses) Cloud ${cloud}`))).toBeVisible()
  await mara.getByRole('button', { name: 'Save tenant role' }).click()
  await expect(mara.getByText('Organization is saved.').first()).toBeVisible()
}

async function make(page: Page, kind: string, name: string, spec: object, cloudId?: string): Promise<string> {
  return (await command<{ id: string }>(page, 'resources.create', { kind, name, spec, cloudId })).id
}
const remove = (page: Page, kind: string, id: string) => command(page, 'resources.remove', { kind, id })

test('a public cloud: made, offered by a tenant role, added, seen, and gone when the role is lowered', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(180_000)
  complaints.expect(/status of 404/)
  const [cloud, net] = [`E2E-North-${Date.now()}`, `e2e-open-${Date.now()}`]
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(`${demo.main}${CLOUDS}`)
  await mara.getByRole('link', { name: 'New cloud' }).click()
  await named(mara).fill(cloud)
  await mara.getByLabel('Visibility').selectOption('Public')
  await expect(mara.getByText(`Every tenant gains the offer of Cloud ${cloud}`)).toBeVisible()
  await expectAccessible(mara)
  await mara.getByRole('button', { name: 'Create cloud' }).click()
  await expect(heading(mara, cloud)).toBeVisible()
  await expect(mara.getByText('Yes, to tenants whose tenant role grants it')).toBeVisible()
  const cloudId = idIn(mara)

  // What stands in it is public in the same save, too.
  await mara.goto(`${demo.main}/infrastructure/networks/new`)
  await named(mara).fill(net)
  await mara.getByLabel('CIDR').fill(CIDR.cidr)
  await pick(mara, 'Cloud', cloud)
  await mara.getByLabel('Visibility').selectOption('Public')
  await expect(mara.getByText(`Every tenant that has added ${cloud} gains Network ${net}`)).toBeVisible()
  await mara.getByRole('button', { name: 'Create network' }).click()
  await expect(heading(mara, net)).toBeVisible()
  const netId = idIn(mara)

  const ada = await asUser("Ada, Acme's owner")
  expect((await ada.goto(`${acme}${CLOUDS}/${cloudId}`))?.status()).toBe(404)
  await grant(mara, cloud, 'Read')
  await ada.goto(`${acme}${CLOUDS}`)
  await ada.getByRole('button', { name: 'Add cloud' }).click()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: `Add ${cloud}` }).click()
  await ada.getByRole('link', { name: cloud, exact: true }).click()
  await expect(heading(ada, cloud)).toBeVisible()
  await expect(ada.getByText('Look only: nothing is placed in it, nothing in it is used')).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('link', { name: 'Networks', exact: true }).last().click()
  await ada.getByRole('link', { name: net }).click()
  await expect(heading(ada, net)).toBeVisible()
  // A machine cannot be put there, and its form says why.
  await ada.goto(`${acme}/infrastructure/virtual-machines/new`)
  await ada.getByRole('button', { name: 'Cloud', exact: true }).click()
  const option = ada.getByRole('option', { name: cloud })
  await expect(option).toHaveAttribute('aria-disabled', 'true')
  await expect(option).toContainText('Your provider lets you see what is in this cloud, but not use it')

  // Lowered while Ada looks at it: gone from the open page, without a word of it.
  await ada.goto(`${acme}${CLOUDS}/${cloudId}`)
  await expect(heading(ada, cloud)).toBeVisible()
  await grant(mara, cloud, 'None')
  await expect(heading(ada, cloud)).toBeHidden({ timeout: 15_000 })
  await expect(ada.getByText(cloud)).toHaveCount(0)
  expect((await ada.goto(`${acme}/infrastructure/networks/${netId}`))?.status()).toBe(404)

  await remove(mara, 'network', netId)
  await remove(mara, 'cloud', cloudId)
})

const MANY = 22

test('a whole cloud goes to a tenant as a task; what a tenant made in it keeps it, by name', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(180_000)
  complaints.expect(/status of 409/)
  const [cloud, own] = [`E2E-West-${Date.now()}`, `e2e-acmes-${Date.now()}`]
  const [mara, ada, bo] = [
    await asUser('Mara, MSP admin'),
    await asUser("Ada, Acme's owner"),
    await asUser("Bo, Bolt's admin"),
  ]
  await mara.goto(demo.main)
  const cloudId = await make(mara, 'cloud', cloud, {})
  const nets: string[] = []
  for (let i = 1; i <= MANY; i++) nets.push(await make(mara, 'network', `e2e-west-${i}`, CIDR, cloudId))
  await command(mara, 'resources.setVisibility', { kind: 'cloud', ids: [cloudId], visibility: 'public' })
  await grant(mara, cloud, 'Full')
  await ada.goto(acme)
  await command(ada, 'clouds.add', { id: cloudId })
  await ada.goto(`${acme}/infrastructure/networks/new`)
  await named(ada).fill(own)
  await ada.getByLabel('CIDR').fill(CIDR.cidr)
  await pick(ada, 'Cloud', cloud)
  await ada.getByRole('button', { name: 'Create network' }).click()
  await expect(heading(ada, own)).toBeVisible()
  const ownId = idIn(ada)

  const at = `${demo.main}${CLOUDS}/${cloudId}`
  const dialog = mara.getByRole('dialog', { name: `Assign ${cloud}` })
  const chooseTenant = async (tenant: string) => {
    await mara.goto(at)
    await mara.getByRole('button', { name: 'Actions' }).click()
    await mara.getByRole('menuitem', { name: 'Assign Tenant…' }).click()
    await dialog.getByRole('button', { name: 'Tenant', exact: true }).click()
    await mara.getByRole('option', { name: tenant }).click()
  }
  await chooseTenant('Bolt Manufacturing')
  await expect(dialog.getByText('It cannot move: tenants have made things in it')).toBeVisible()
  await expect(dialog.getByText(`Network ${own} of Acme Retail`)).toBeVisible()
  await expectAccessible(mara)
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click()
  await expect(dialog.getByText(/cannot move: in it stand/)).toBeVisible()

  await remove(ada, 'network', ownId)
  await chooseTenant('Bolt Manufacturing')
  await expect(dialog.getByText(`It moves with ${MANY} networks.`, { exact: false })).toBeVisible()
  await expect(dialog.getByText(`Bolt Manufacturing gains Cloud ${cloud} with ${MANY} things`)).toBeVisible()
  await expect(dialog.getByText('it goes on in the background', { exact: false })).toBeVisible()
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click()
  const title = `Assign Cloud ${cloud} to Bolt Manufacturing`
  await expect(heading(mara, title)).toBeVisible()
  await expect(mara.getByText(`Bolt Manufacturing gains Cloud ${cloud} with ${MANY} things`)).toBeVisible({
    timeout: 30_000,
  })
  await expectAccessible(mara)
  await mara.goto(`${demo.main}/settings/tasks`)
  await expect(mara.getByRole('row').filter({ hasText: title })).toContainText('Done')
  await expectAccessible(mara)

  await bo.goto(`${bolt}${CLOUDS}/${cloudId}`)
  await expect(heading(bo, cloud)).toBeVisible()
  await expect(bo.getByText('Assigned to you').first()).toBeVisible()
  await bo.goto(`${bolt}/infrastructure/networks?q=e2e-west-${MANY}`)
  await expect(bo.getByRole('link', { name: `e2e-west-${MANY}` })).toBeVisible()
  await ada.goto(`${acme}${CLOUDS}`)
  await expect(ada.getByRole('link', { name: cloud })).toHaveCount(0)

  // Back the same way, and away.
  await chooseTenant('Northwind')
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click()
  await expect(heading(mara, `Assign Cloud ${cloud} to Northwind Managed Services`)).toBeVisible()
  await expect(mara.getByText(`Bolt Manufacturing loses Cloud ${cloud} with ${MANY} things`)).toBeVisible({
    timeout: 30_000,
  })
  for (const id of nets) await remove(mara, 'network', id)
  await remove(mara, 'cloud', cloudId)
})

test('a group: made, filled, and reached by a role that says so', async ({ asUser }) => {
  test.setTimeout(180_000)
  const stamp = Date.now()
  const [group, role, store] = [`E2E group ${stamp}`, `E2E role ${stamp}`, `e2e-grouped-${stamp}`]
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(acme)
  const storeId = await make(ada, 'datastore', store, { type: 'nfs', capacity: 2 ** 30 })
  await ada.goto(`${acme}/infrastructure/groups`)
  await ada.getByRole('button', { name: 'New group' }).click()
  await named(ada).fill(group)
  await ada.getByRole('button', { name: 'Make group' }).click()
  await expect(heading(ada, group)).toBeVisible()
  const groupId = idIn(ada)
  await ada.getByRole('button', { name: 'Add to group' }).first().click()
  await pick(ada, 'Find', store)
  await expectAccessible(ada)
  await ada.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
  await expect(ada.getByRole('link', { name: store })).toBeVisible()
  await expectAccessible(ada)

  await ada.goto(`${acme}/settings/roles/new`)
  await named(ada).fill(role)
  await ada.getByRole('radiogroup', { name: 'Storage: level' }).getByText('Groups', { exact: true }).click()
  await ada.getByRole('button', { name: 'Add group' }).click()
  await ada.getByRole('combobox', { name: 'Search group' }).fill(group)
  await ada.getByRole('option', { name: group }).click()
  await ada
    .getByRole('radiogroup', { name: `Group ${group}` })
    .getByText('Full', { exact: true })
    .click()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Create role' }).click()
  await expect(heading(ada, role)).toBeVisible()
  const roleId = idIn(ada)

  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(`${acme}/infrastructure/datastores/${storeId}`)
  await expect(tom.getByRole('button', { name: 'Edit' })).toHaveAttribute('aria-disabled', 'true')
  await ada.goto(`${acme}/settings/users`)
  await ada.getByRole('button', { name: /^Actions for Tom/ }).click()
  await ada.getByRole('menuitem', { name: 'Edit' }).click()
  await ada.getByRole('button', { name: 'Add another role' }).click()
  const last = ada.getByLabel(/^Role \d+$/).last()
  await last.selectOption({ label: role })
  await expect(ada.getByText(/Tom.* gains Storage: read → groups/)).toBeVisible()
  await ada.getByRole('button', { name: 'Save changes' }).click()
  await expect(ada.getByText(/is saved/).first()).toBeVisible()

  await tom.goto(`${acme}/infrastructure/datastores/${storeId}/edit`)
  await tom.getByLabel('Description').fill('Tom was here')
  await tom.getByRole('button', { name: 'Save changes' }).click()
  await expect(tom.getByText('Tom was here')).toBeVisible()
  // The palette finds the role, and its page says who holds it.
  await ada.keyboard.press('Control+k')
  await ada.getByPlaceholder('Go to or search…').fill(role)
  await ada.getByRole('option', { name: role }).click()
  await expect(heading(ada, role)).toBeVisible()
  await expect(ada.getByRole('listitem').filter({ hasText: 'Whole tenant' })).toContainText('Tom')

  // Tom is as he was.
  const { rows } = await query<{ rows: { id: string; username: string; assignments: Given[] }[] }>(
    ada,
    'users.list',
    { search: 'tom' },
  )
  for (const { id, assignments } of rows)
    await command(ada, 'users.setAssignments', {
      id,
      assignments: assignments
        .filter((one) => one.roleId !== roleId)
        .map(({ roleId, scope, expiresAt }) => ({ roleId, scope, expiresAt })),
    })
  await command(ada, 'roles.delete', { id: roleId })
  await command(ada, 'groups.delete', { id: groupId })
  await remove(ada, 'datastore', storeId)
})

interface Given {
  roleId: string
  scope: string
  expiresAt: string | null
}

test('clouds and groups on a phone, in light and dark', async ({ asUser }) => {
  test.setTimeout(120_000)
  const page = await asUser('Mara, MSP admin')
  await page.goto(demo.main)
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of [CLOUDS, `${CLOUDS}/new`, '/infrastructure/groups', '/settings/tasks']) {
    await page.goto(`${demo.main}${path}`)
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390)
  }
  await page.goto(`${demo.main}${CLOUDS}`)
  await page.getByRole('link', { name: 'Stockholm' }).click()
  await expect(heading(page, 'Stockholm')).toBeVisible()
  await expectAccessible(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
