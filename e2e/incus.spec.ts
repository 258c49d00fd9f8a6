import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureIncus, startIncus } from '@/test/incus'
import { expectAccessible } from './fixtures/axe'
import { clearCloud } from './fixtures/clear-cloud'
import { command } from './fixtures/http'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')
const bolt = demo.tenant('bolt')
/** As CONNECTOR_LOCAL of the demo's server has it (scripts/e2e-server.ts). */
const PORT = demo.port + 21
const VMS = '/infrastructure/virtual-machines'
const SLOW = { timeout: 30_000 }

test('a real Incus: a container is launched, assigned, stopped by its tenant, and invisible to the sibling', async ({
  asUser,
  complaints,
}) => {
  complaints.expect(/status of 404/)
  test.skip(!ensureIncus(), 'Incus runs as root on Debian and the like only')
  test.setTimeout(240_000)
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-e2e-incus-'))
  fs.chmodSync(dir, 0o711)
  const incus = await startIncus({ dir, port: PORT })
  const stamp = Date.now()
  const [cloud, vm] = [`e2e-incus-${stamp}`, `box-${stamp}`]
  const stateOf = async () =>
    ((await incus.admin('GET', `/1.0/instances/${vm}`)) as { status: string }).status
  try {
    const mara = await asUser('Mara, MSP admin')
    await mara.goto(`${demo.main}/infrastructure/clouds`)
    const { id: cloudId } = await command<{ id: string }>(mara, 'connections.create', {
      name: cloud,
      connector: 'incus',
      endpoint: `https://127.0.0.1:${PORT}`,
      secret: { token: await incus.token() },
      fingerprint: incus.fingerprint,
    })
    await mara.goto(`${demo.main}/infrastructure/clouds/${cloudId}`)
    await expect(mara.getByText('Up to date').first()).toBeVisible(SLOW)

    // Launched from an image, and running in Incus itself.
    await mara.getByRole('link', { name: 'Create machine' }).click()
    await mara.getByLabel('Project').selectOption({ label: 'default' })
    await mara.getByLabel('Data store').selectOption({ label: 'local' })
    await mara.getByRole('textbox', { name: /^Name/ }).fill(vm)
    await mara.getByRole('button', { name: 'Create machine' }).click()
    const asked = mara.getByRole('list', { name: 'Asked for last' })
    await expect(asked.getByText('Made', { exact: true })).toBeVisible(SLOW)
    expect(await stateOf()).toBe('Running')

    // Assigned: Acme has it, Bolt knows nothing of it.
    await asked.getByRole('link', { name: vm, exact: true }).click()
    await expect(mara.getByText('Running', { exact: true }).first()).toBeVisible(SLOW)
    const machine = new URL(mara.url()).pathname
    await mara.getByRole('button', { name: 'Actions', exact: true }).click()
    await mara.getByRole('menuitem', { name: /^Assign Tenant/ }).click()
    const dialog = mara.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Tenant', exact: true }).click()
    await mara.getByRole('option', { name: 'Acme Retail', exact: true }).click()
    await dialog.getByRole('button', { name: 'Assign', exact: true }).click()
    await expect(dialog).toBeHidden()
    const bo = await asUser("Bo, Bolt's admin")
    await bo.goto(`${bolt}${VMS}?q=${vm}`)
    await expect(bo.getByRole('heading', { name: 'Virtual machines', level: 1 })).toBeVisible()
    await expect(bo.getByText(vm)).toHaveCount(0)
    expect((await bo.goto(`${bolt}${machine}`))?.status()).toBe(404)

    // Its tenant's user stops it, and it stops.
    const ada = await asUser("Ada, Acme's owner")
    await ada.goto(`${acme}${VMS}?q=${vm}`)
    await ada.getByRole('link', { name: vm, exact: true }).click()

    // A shell in it, until she leaves it; the page before is where she goes on.
    await ada.getByRole('link', { name: 'Console' }).click()
    const terminal = ada.getByRole('region', { name: 'Terminal' })
    await expect(terminal.getByText('Connected')).toBeVisible(SLOW)
    await expect(terminal.getByText('BusyBox')).toBeVisible(SLOW)
    await ada.keyboard.type('echo free""hold\n')
    await expect(terminal.getByText('freehold')).toBeVisible(SLOW)
    await expectAccessible(ada)
    await ada.keyboard.type('exit\n')
    await expect(terminal.getByText('The machine closed it.')).toBeVisible(SLOW)
    await ada.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: vm }).click()
    await ada.getByRole('button', { name: 'Shut down', exact: true }).click()
    const confirm = ada.getByRole('dialog')
    if (await confirm.isVisible()) await confirm.getByRole('button', { name: 'Shut down' }).click()
    await expect(ada.getByRole('region', { name: 'Last actions' }).getByText('Done')).toBeVisible(SLOW)
    expect(await stateOf()).toBe('Stopped')
    await expect(ada.getByText('Stopped', { exact: true }).first()).toBeVisible(SLOW)
    await expectAccessible(ada)

    await mara.goto(`${demo.main}/infrastructure/clouds/${cloudId}`)
    await command(mara, 'connections.remove', { id: cloudId, confirmName: cloud })
    await clearCloud(mara, cloudId)
  } finally {
    await incus.stop()
    fs.rmSync(dir, { recursive: true, force: true })
  }
})
