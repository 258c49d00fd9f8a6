import type { Page } from '@playwright/test'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { expectAccessible } from './fixtures/axe'
import { clearCloud } from './fixtures/clear-cloud'
import { command } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
/** As CONNECTOR_LOCAL of the demo's server has it (scripts/e2e-server.ts). */
const PORT = demo.port + 20
const VMS = '/infrastructure/virtual-machines'

const card = (page: Page) =>
  page.locator('section', { has: page.getByRole('heading', { name: 'Connection' }) })

test('a Proxmox cluster: its certificate confirmed, connected for Acme, found, refreshed, failing, disconnected', async ({
  asUser,
  complaints,
}) => {
  complaints.expect(/status of 400/)
  test.setTimeout(240_000)
  const pve = await new ProxmoxEmulator().start(PORT)
  const stamp = Date.now()
  const [cloud, vm] = [`e2e-pve-${stamp}`, `e2e-web-${stamp}`]
  pve.add({ vmid: 101, name: vm, status: 'running', pool: 'shop' })
  pve.add({ vmid: 900, name: `e2e-template-${stamp}`, template: true, size: 4, pool: 'shop' })
  pve.add({ vmid: 102, name: `${vm}-b`, pool: 'shop' })
  const hourAgo = Math.floor(stamp / 1000) - 3600
  pve.did('qmstart', '101', { start: hourAgo })
  pve.backups.push({
    ...{ volid: 'ceph:backup/vzdump-qemu-101-e2e.vma.zst', storage: 'ceph', vmid: 101 },
    ...{ ctime: hourAgo, size: 5_000_000_000 },
  })
  try {
    const mara = await asUser('Mara, MSP admin')
    await mara.goto(`${demo.main}/infrastructure/clouds`)
    await mara.getByRole('link', { name: 'Connect cloud' }).click()
    await expect(mara.getByRole('heading', { name: 'Connect a cloud', level: 1 })).toBeVisible()
    await mara.getByLabel('Address').fill(`https://127.0.0.1:${PORT}`)
    await mara.getByRole('button', { name: 'Look at the server' }).click()
    await expect(mara.getByText(pve.fingerprint)).toBeVisible()
    await mara.getByLabel('Token ID').fill(pve.tokenId)
    await mara.getByLabel(/^Secret/).fill('11111111-2222-3333-4444-555555555555')
    await mara.getByRole('textbox', { name: 'Name', exact: true }).fill(cloud)
    await mara.getByRole('button', { name: 'Tenant', exact: true }).click()
    await mara.getByRole('combobox', { name: 'Search tenant' }).fill('Acme')
    await mara.getByRole('option', { name: /Acme Retail/ }).click()
    const send = mara.getByRole('button', { name: 'Connect', exact: true })
    await expect(send).toHaveAttribute('aria-disabled', 'true')
    await mara.getByLabel('I compared the fingerprint').check()
    await expectAccessible(mara)
    // A wrong secret is told where it was entered, and nothing is made.
    await send.click()
    await expect(mara.getByText('It is not connected')).toBeVisible()
    await mara.getByLabel(/^Secret/).fill(pve.token)
    await send.click()
    await expect(mara.getByText(`${cloud} is connected`)).toBeVisible()
    await mara.getByRole('link', { name: 'Open the cloud' }).click()
    await expect(card(mara).getByText('Up to date')).toBeVisible({ timeout: 20_000 })
    await expectAccessible(mara)
    const cloudUrl = new URL(mara.url()).pathname

    // What was found is Acme's at once, and nothing of it Bolt's.
    const tom = await asUser("Tom, Acme's viewer")
    await tom.goto(`${acme}${VMS}?q=${vm}`)
    await expect(tom.getByRole('link', { name: vm, exact: true })).toBeVisible()
    await expect(tom.getByText('Running', { exact: true })).toBeVisible()
    await tom.goto(`${acme}${cloudUrl}`)
    await expect(card(tom).getByText('Up to date')).toBeVisible()
    await expect(tom.getByText(`127.0.0.1:${PORT}`)).toHaveCount(0)
    const bo = await asUser("Bo, Bolt's admin")
    await bo.goto(`${bolt}${VMS}?q=${vm}`)
    await expect(bo.getByText(vm)).toHaveCount(0)

    // What the cluster did and keeps is told with what it is about: not to the sibling.
    for (const part of ['/infrastructure/backups', '/activity/tasks']) {
      await tom.goto(`${acme}${part}?q=${vm}`)
      await expect(tom.getByRole('link', { name: vm, exact: true })).toBeVisible()
      await bo.goto(`${bolt}${part}?q=${vm}`)
      await expect(bo.getByText(/Nothing fits the search/)).toBeVisible()
      await expect(bo.getByText(vm)).toHaveCount(0)
    }
    await mara
      .getByRole('navigation', { name: 'Parts of the cloud' })
      .getByRole('link', { name: 'Tasks' })
      .click()
    await expect(mara.getByRole('cell', { name: 'Start' })).toBeVisible()
    await expectAccessible(mara)
    await mara.goto(`${demo.main}${cloudUrl}`)

    // Acme's admin asks for a look; the page hears of its end.
    pve.add({ vmid: 101, name: vm, status: 'stopped', pool: 'shop' })
    const ada = await asUser("Ada, Acme's owner")
    await ada.goto(`${acme}${cloudUrl}`)
    await card(ada).getByRole('button', { name: 'Refresh now' }).click()
    await expect(ada.getByText(`${cloud} is read now.`).first()).toBeVisible()
    await ada.goto(`${acme}${VMS}?q=${vm}`)
    // Loaded while the look is under way: the page hears of its end, also where that fell between its making and its listening.
    await expect(ada.getByText('Stopped', { exact: true })).toHaveCount(2, { timeout: 20_000 })

    // She starts it: asked of the cluster, followed to its end, and shown as it then is.
    await ada.getByRole('link', { name: vm, exact: true }).click()
    await ada.getByRole('button', { name: 'Start', exact: true }).click()
    const actions = ada.getByRole('region', { name: 'Last actions' })
    await expect(actions.getByText('Done')).toBeVisible({ timeout: 20_000 })
    expect(pve.guests.get('qemu/101')?.status).toBe('running')
    await expect(ada.getByRole('button', { name: 'Shut down', exact: true })).toBeVisible({ timeout: 20_000 })
    await expectAccessible(ada)
    const machineUrl = new URL(ada.url()).href

    // Its screen: keys get there, and it ends when the machine is taken from her.
    await ada.getByRole('link', { name: 'Console' }).click()
    const screen = ada.getByRole('region', { name: 'Screen' })
    await expect(screen.getByText('Connected')).toBeVisible({ timeout: 20_000 })
    await expect(screen.locator('canvas')).toBeVisible()
    await ada.keyboard.press('Enter')
    await expect.poll(() => pve.consoles.screen.keys).toContain(0xff0d)
    await expectAccessible(ada)
    // What is pasted is typed, with Shift where a keyboard has it.
    await screen.getByRole('button', { name: 'Paste…' }).click()
    await ada.getByRole('dialog').getByLabel('Text').fill('aB!')
    await ada.getByRole('dialog').getByRole('button', { name: 'Paste' }).click()
    const [shift, ...typed] = [0xffe1, 0x61, 0xffe1, 0x42, 0xffe1, 0x21]
    await expect.poll(() => pve.consoles.screen.keys.slice(-5)).toEqual(typed)
    expect(pve.consoles.screen.keys.filter((key) => key === shift)).toHaveLength(2)
    pve.consoles.drop()
    await expect(screen.getByText('The machine closed it.')).toBeVisible()

    // She makes one of the template: told as it comes, hers from the start, and a failure with its cause.
    await ada.goto(`${acme}${cloudUrl}`)
    await ada.getByRole('link', { name: 'Create machine' }).click()
    await expect(ada.getByRole('heading', { name: 'Create a machine', level: 1 })).toBeVisible()
    const made = `made-${stamp}`
    const asked = ada.getByRole('list', { name: 'Asked for last' })
    const make = async (name: string) => {
      await ada.getByRole('textbox', { name: /^Name/ }).fill(name)
      await ada.getByRole('button', { name: 'Create machine' }).click()
      await expect(asked.getByText(name)).toBeVisible()
    }
    pve.failing.set('clone', 'no space left on the storage')
    await make(`${made}-b`)
    await expect(asked.getByText('no space left on the storage')).toBeVisible({ timeout: 20_000 })
    pve.failing.clear()
    await make(made)
    await expect(asked.getByText('Made', { exact: true })).toBeVisible({ timeout: 20_000 })
    await expectAccessible(ada)
    await asked.getByRole('link', { name: made, exact: true }).click()
    await expect(ada.getByRole('heading', { name: made, level: 1 })).toBeVisible()
    await expect(ada.getByRole('button', { name: 'Shut down', exact: true })).toBeVisible({ timeout: 20_000 })
    const madeId = new URL(ada.url()).pathname.split('/').at(-1)

    // A viewer sees why not.
    await tom.goto(machineUrl)
    await expect(tom.getByRole('button', { name: 'Shut down', exact: true })).toHaveAttribute(
      'aria-disabled',
      'true',
    )

    // How it was doing is asked of the cluster once the page is there; whoever owns the cloud sees all that it keeps.
    const usage = (page: Page) =>
      page.locator('section', { has: page.getByRole('heading', { name: 'Usage', exact: true }) })
    await expect(usage(tom).getByText(/^As of/)).toBeVisible()
    await mara.goto(`${demo.main}${new URL(machineUrl).pathname}`)
    for (const chart of ['CPU', 'Memory', 'Disk', 'Network'])
      await expect(usage(mara).getByRole('figure', { name: chart })).toBeVisible()
    await usage(mara).getByText('Week', { exact: true }).click()
    await usage(mara).getByText('Figures in a table').click()
    await expect(usage(mara).getByRole('row')).toHaveCount(303)
    await expectAccessible(mara)
    pve.failingPath = '/rrddata'
    await usage(mara).getByRole('button', { name: 'Load again' }).click()
    await expect(usage(mara).getByText('The server failed (500)')).toBeVisible()
    await expectAccessible(mara)
    pve.failingPath = null
    await mara.goto(`${demo.main}${cloudUrl}`)

    // A cloud that fails says so, with what to do; what was found stays.
    pve.fault = 401
    await mara.reload()
    await card(mara).getByRole('button', { name: 'Refresh now' }).click()
    await expect(card(mara).getByText('Not reached')).toBeVisible({ timeout: 20_000 })
    await expect(card(mara).getByText('Enter the credentials anew under Edit connection.')).toBeVisible()
    await expectAccessible(mara)
    pve.fault = null
    await card(mara).getByRole('button', { name: 'More of the connection' }).click()
    await mara.getByRole('menuitem', { name: 'Check connection…' }).click()
    await expect(mara.getByRole('dialog').getByText('Proxmox VE 9.2.11')).toBeVisible()
    await mara.keyboard.press('Escape')
    await card(mara).getByRole('button', { name: 'More of the connection' }).click()
    await mara.getByRole('menuitem', { name: 'Disconnect…' }).click()
    await mara.getByRole('dialog').getByRole('textbox').fill(cloud)
    await mara.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await expect(card(mara).getByText('It is not connected')).toBeVisible()
    // What a connected cloud tells of is not deleted by hand; now it is.
    await command(ada, 'resources.remove', { kind: 'virtual_machine', id: madeId })
    await clearCloud(mara, cloudUrl.split('/').at(-1) ?? '')
  } finally {
    await pve.stop()
  }
})
