import type { Page } from '@playwright/test'
import { query } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')

interface Named {
  rows: { id: string; name: string }[]
}

/** The sharing address that a tenant's own page shows. */
async function addressOf(page: Page, origin: string): Promise<string> {
  await page.goto(`${origin}/settings/sharing`)
  return (await page.getByText(/^[0-9a-f-]{36}$/).innerText()).trim()
}

async function shareAs(page: Page, address: string, role: string): Promise<void> {
  await page.getByRole('button', { name: 'Share…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Sharing address').fill(address)
  await expect(dialog.getByText('This is Bolt Manufacturing.')).toBeVisible()
  await dialog.getByRole('radio', { name: role }).check()
  await expect(dialog.getByText(/Bolt Manufacturing gains Network/)).toBeVisible()
  await dialog.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(dialog).toBeHidden()
}

test('a share from Acme to Bolt: its badge, what its editor may, and the end of it', async ({
  asUser,
  complaints,
}) => {
  test.setTimeout(120_000)
  const [ada, bo, mara] = [
    await asUser("Ada, Acme's owner"),
    await asUser("Bo, Bolt's admin"),
    await asUser('Mara, MSP admin'),
  ]
  const address = await addressOf(bo, bolt)

  await ada.goto(`${acme}/infrastructure/networks/new`)
  await ada.getByLabel('Name').fill('shared-vlan')
  await ada.getByLabel(/^CIDR/).fill('10.77.0.0/24')
  await ada.getByRole('button', { name: 'Create network' }).click()
  await expect(ada.getByRole('heading', { name: 'shared-vlan' })).toBeVisible()
  const page = new URL(ada.url()).pathname
  await shareAs(ada, address, 'Editor')
  await expect(ada.getByRole('button', { name: /Bolt Manufacturing editor/ })).toBeVisible()

  // Bo sees it with its badge, changes a field, and can do no more
  await bo.goto(`${bolt}/infrastructure/networks`)
  await bo.getByRole('link', { name: 'shared-vlan' }).click()
  await expect(bo.getByText('Shared: editor')).toBeVisible()
  await expect(bo.getByRole('button', { name: 'Share…' })).toHaveCount(0)
  await bo.goto(`${bolt}${page}/edit`)
  await bo.getByLabel('Description').fill('used by Bolt, too')
  await bo.getByRole('button', { name: 'Save changes' }).click()
  await expect(bo.getByText('used by Bolt, too')).toBeVisible()
  await bo.getByRole('button', { name: 'Actions' }).click()
  await expect(bo.getByRole('menuitem', { name: /Remove/ })).toHaveAttribute('aria-disabled', 'true')
  await bo.keyboard.press('Escape')

  // taken back, it is gone from the page that Bo has open
  complaints.expect(/status of 404/)
  await ada.reload()
  await ada.getByRole('button', { name: 'Take it back from Bolt Manufacturing' }).click()
  await expect(ada.getByText(/Bolt Manufacturing loses Network shared-vlan/)).toBeVisible()
  await ada.getByRole('button', { name: 'Take back', exact: true }).click()
  await expect(ada.getByText('Nobody. Other tenants do not know')).toBeVisible()
  await expect(bo.getByText('used by Bolt, too')).toBeHidden()

  // where shares are to be accepted, it waits for Bo
  await mara.goto(`${demo.main}/settings/tenants`)
  const setting = mara.getByRole('switch', { name: 'Shares wait until they are accepted' })
  await setting.click()
  await expect(setting).toBeChecked()
  try {
    await shareAs(ada, address, 'Viewer')
    const hidden = await query<Named>(bo, 'resources.list', { kind: 'network', search: 'shared-vlan' })
    expect(hidden.rows).toEqual([])
    await bo.goto(`${bolt}/settings/sharing/incoming`)
    const row = bo.getByRole('row', { name: /shared-vlan/ })
    await expect(row).toContainText('Acme Retail')
    await row.getByRole('button', { name: 'Accept' }).click()
    await bo.getByRole('dialog').getByRole('button', { name: 'Accept' }).click()
    await expect(row).toContainText('Live')
    const seen = await query<Named>(bo, 'resources.list', { kind: 'network', search: 'shared-vlan' })
    expect(seen.rows).toHaveLength(1)
  } finally {
    await setting.click()
    await expect(setting).not.toBeChecked()
  }
  await ada.reload()
  await ada.getByRole('button', { name: 'Actions' }).click()
  await ada.getByRole('menuitem', { name: /Remove/ }).click()
  await ada.getByRole('dialog').getByRole('textbox').fill('shared-vlan')
  await ada.getByRole('button', { name: 'Remove network' }).click()
  await expect(ada).toHaveURL(/\/infrastructure\/networks$/)
})
