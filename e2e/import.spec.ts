import { expectAccessible } from './fixtures/axe'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const acme = demo.tenant('acme')

test('an inventory from a file: columns are found, wrong rows are told, nothing of it is the sibling’s', async ({
  asUser,
}) => {
  test.setTimeout(120_000)
  const name = `e2e-erp-${Date.now()}`
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(`${acme}/infrastructure/virtual-machines`)
  await ada.getByRole('link', { name: 'Import', exact: true }).click()
  await expect(ada.getByRole('heading', { name: 'Import virtual machines', level: 1 })).toBeVisible()
  const send = ada.getByRole('button', { name: 'See what would be imported' })
  await expect(send).toHaveAttribute('aria-disabled', 'true')
  await ada.getByLabel('File', { exact: true }).setInputFiles({
    name: 'vms.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`VM;vCPUs;RAM (GB);Guest\n${name}-1;4;8;Debian 12\n${name}-2;many;8;Debian 12\n`),
  })
  await expect(ada.getByLabel('Field for VM')).toHaveValue('name')
  await expect(ada.getByLabel('Field for RAM (GB)')).toHaveValue('memory')
  await ada.getByLabel('Field for Guest').selectOption('Operating system')
  await send.click()
  await expect(ada.getByText('Cores: Enter a number')).toBeVisible()
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Import 1, leave out 1' }).click()
  await expect(ada).toHaveURL(/virtual-machines$/)
  await ada.goto(`${acme}/infrastructure/virtual-machines?q=${name}`)
  await expect(ada.getByRole('link', { name: `${name}-1` })).toBeVisible()
  await expect(ada.getByRole('link', { name: `${name}-2` })).toHaveCount(0)
  await ada.getByRole('link', { name: `${name}-1` }).click()
  await expect(ada.getByText('8 GiB').first()).toBeVisible()

  const bo = await asUser("Bo, Bolt's admin")
  await bo.goto(`${demo.tenant('bolt')}/infrastructure/virtual-machines?q=${name}`)
  await expect(bo.getByText(`${name}-1`)).toHaveCount(0)
  const tom = await asUser("Tom, Acme's viewer")
  await tom.goto(`${acme}/infrastructure/virtual-machines/import`)
  await expect(tom.getByText('but not make one')).toBeVisible()
})
