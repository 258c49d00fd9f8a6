import { expectAccessible, useTheme } from './fixtures/axe'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

const MATRIX = `${demo.main}/admin/matrix`

test('the matrix: filter, select by keyboard, review, apply, undo', async ({ asUser }) => {
  const page = await asUser('Mara, MSP admin')
  await page.goto(MATRIX)
  await page.getByLabel('Search resources').fill('nw-core-1')
  await expect(page).toHaveURL(/q=nw-core-1/)
  const grid = page.getByRole('grid', { name: 'Access of tenants to resources' })
  const cell = grid.getByRole('gridcell', { name: /^Bolt.*nw-core-1/ })
  await expect(cell).toHaveAccessibleName(/No access/)

  await cell.click()
  await expect(cell).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('s')
  await expect(cell).toHaveAccessibleName(/To be changed to: Sees/)
  await page.getByRole('button', { name: 'Review and apply' }).click()
  const review = page.getByRole('dialog', { name: 'Review changes' })
  await expect(review.getByText(/^Bolt.* gains Host nw-core-1 \(sees it\)$/)).toBeVisible()
  await expectAccessible(page)
  await review.getByRole('button', { name: 'Apply' }).click()
  await expect(cell).toHaveAccessibleName(/Sees \(Shared with it as viewer\)/)

  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  const undo = page.getByRole('dialog', { name: 'Undo this change' })
  await expect(undo.getByText(/^Bolt.* loses Host nw-core-1/)).toBeVisible()
  await undo.getByRole('button', { name: 'Undo' }).click()
  await expect(cell).toHaveAccessibleName(/No access/)

  await page.getByRole('button', { name: 'Recent changes' }).click()
  await expect(page.getByRole('dialog', { name: 'Changes of the last 7 days' })).toContainText('Undone by')
})

test('the matrix says what stands in the way, and leaves it out on request', async ({ asUser }) => {
  const page = await asUser('Mara, MSP admin')
  await page.goto(MATRIX)
  await page.getByLabel('Search resources').fill('nw-core')
  await expect(page).toHaveURL(/q=nw-core/)
  const grid = page.getByRole('grid')
  await grid.getByRole('gridcell', { name: /^Acme.*nw-core-2/ }).click()
  await grid.getByRole('gridcell', { name: /^Bolt.*nw-core-2/ }).click({ modifiers: ['Control'] })
  await expect(page.getByText('2 cells selected')).toBeVisible()
  await page.getByRole('button', { name: 'Set to…' }).click()
  await page.getByRole('menuitem', { name: /^Uses/ }).click()
  await page.getByRole('button', { name: 'Review and apply' }).click()
  const review = page.getByRole('dialog', { name: 'Review changes' })
  await expect(review.getByText(/One tenant at a time/).first()).toBeVisible()
  await expect(review.getByRole('button', { name: 'Apply' })).toHaveAttribute('aria-disabled', 'true')
  await review.getByRole('button', { name: /^Leave/ }).click()
  await expect(review.getByRole('button', { name: 'Apply' })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  await expect(review).toBeHidden()
})

test('the matrix by keys, in both themes and on a phone', async ({ asUser }) => {
  const page = await asUser('Mara, MSP admin')
  await page.goto(MATRIX)
  const grid = page.getByRole('grid')
  await grid.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(page.getByText('4 cells selected')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText(/Select cells, a row or a column/)).toBeVisible()
  for (const theme of ['light', 'dark'] as const) {
    await useTheme(page, theme)
    await expectAccessible(page)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole('list', { name: 'Resources' })).toBeVisible()
  await expectAccessible(page)
})
