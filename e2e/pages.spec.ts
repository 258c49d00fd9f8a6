import { type PageName, PAGES } from '@/app/pages'
import { expectAccessible, useTheme } from './fixtures/axe'
import { addresses } from './fixtures/pages'
import { originOf, type PersonName } from './fixtures/people'
import { demo } from './fixtures/site'
import { expect, test } from './fixtures/test'

test.describe.configure({ mode: 'parallel' })

/** Every page of the manifest as the person it is for; the pages before sign-in come below. */
const FOR: [PersonName, (name: PageName) => boolean][] = [
  [
    'Mara, MSP admin',
    (name) =>
      !name.startsWith('(auth)') &&
      !name.startsWith('(console)/account') &&
      !name.endsWith('provider-access'),
  ],
  [
    "Ada, Acme's owner",
    // who is in one tenant has none to switch to
    (name) =>
      !name.startsWith('(auth)') && PAGES[name].scope !== 'master' && name !== '(console)/switch/[id]',
  ],
]
const PHONE = { width: 390, height: 844 }

/** A test each, so that one takes no longer than it may. */
const PARTS = [1, 2, 3, 4]

for (const [person, wanted, part] of FOR.flatMap((one) => PARTS.map((n) => [...one, n] as const))) {
  test(`each page as ${person} (${part} of ${PARTS.length}): accessible, fits a phone, complains of nothing`, async ({
    asUser,
  }) => {
    test.setTimeout(150_000)
    const page = await asUser(person)
    const origin = originOf(person)
    await page.goto(origin)
    const all = (await addresses(page, (name) => !wanted(name))).filter(
      (_one, at) => at % PARTS.length === part - 1,
    )
    expect(all.length).toBeGreaterThan(5)
    for (const [name, path] of all) {
      const answer = await page.goto(origin + path)
      expect(answer?.status(), path).toBe(200)
      // Pages of a kind are called after it.
      const title = name.includes('[slug]') ? / · Freehold$/ : `${PAGES[name].title} · Freehold`
      await expect(page, path).toHaveTitle(title)
      await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1)
      await expectAccessible(page)
      const size = page.viewportSize()
      await page.setViewportSize(PHONE)
      // Tables scroll inside themselves; the page never does.
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow, `${path} at ${PHONE.width} px`).toBeLessThanOrEqual(0)
      await page.setViewportSize(size!)
    }
  })
}

test('the pages before sign-in, on the main host and on a tenant’s', async ({ newVisitor }) => {
  const page = await newVisitor()
  for (const origin of [demo.main, demo.tenant('acme')]) {
    await page.goto(`${origin}/login`)
    await expectAccessible(page)
    await page.setViewportSize(PHONE)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
    await page.setViewportSize({ width: 1280, height: 720 })
  }
})

test('the console on a phone: navigation in a drawer, dialogs from below', async ({ asUser }) => {
  const page = await asUser('Mara, MSP admin')
  await page.setViewportSize(PHONE)
  await page.goto(demo.main)
  await page.getByRole('button', { name: 'Open navigation' }).click()
  const drawer = page.getByRole('dialog', { name: 'Navigation' })
  await drawer.getByRole('link', { name: 'Hosts' }).click()
  await expect(drawer).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Hosts' })).toBeVisible()
  await page.getByRole('button', { name: 'Actions for nw-core-1' }).click()
  await page.getByRole('menuitem', { name: /^Assign Tenant/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Assign nw-core-1' })
  // All that the page has; where the list is longer than the screen, the place of this browser's scroll bar is kept
  const width = await page.evaluate(() => document.documentElement.clientWidth)
  await expect.poll(async () => (await dialog.boundingBox())?.width).toBe(width)
  await expectAccessible(page)
})

test('light and dark: the toggle wins over the system and is kept', async ({ asUser }) => {
  const page = await asUser("Ada, Acme's owner")
  await page.goto(demo.tenant('acme'))
  await useTheme(page, 'dark')
  await page.getByRole('button', { name: 'Theme: system' }).click()
  await expect(page.locator('html')).toHaveClass(/(^| )light( |$)/)
  await page.reload()
  await expect(page.locator('html')).toHaveClass(/(^| )light( |$)/)
  await page.getByRole('button', { name: 'Theme: light' }).click()
  await expect(page.locator('html')).toHaveClass(/(^| )dark( |$)/)
  const colour = () => page.locator('#main').evaluate((main) => getComputedStyle(main).backgroundColor)
  const dark = await colour()
  await page.getByRole('button', { name: 'Theme: dark' }).click()
  await useTheme(page, 'light')
  expect(await colour()).not.toBe(dark)
})
