import { chromium } from '@playwright/test'
import fs from 'node:fs'
const [,, base, passFile, list, tag] = process.argv
const password = fs.readFileSync(passFile!, 'utf8').trim()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const [w, h] of [[1440, 900], [390, 844]]) for (const scheme of ['light', 'dark'] as const) {
  const ctx = await browser.newContext({ viewport: { width: w!, height: h! }, colorScheme: scheme, reducedMotion: 'reduce' })
  const page = await ctx.newPage()
  for (const spec of list!.split(',')) {
    const [user, path, name] = spec.split('|')
    const slug = user!.includes('@') ? user!.split('@')[1] : null
    const origin = slug ? base!.replace('://', `://${slug}.`) : base!
    await page.goto(`${origin}/login`)
    if (await page.getByLabel('Username').count()) {
      await page.waitForTimeout(700)
      await page.getByLabel('Username').fill(user!.split('@')[0]!)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForTimeout(1500)
    }
    await page.goto(`${origin}${path}`)
    await page.waitForTimeout(1500)
    await page.screenshot({ path: `/tmp/shots/${tag}-${name}-${w}-${scheme}.png`, fullPage: true })
  }
  await ctx.close()
}
await browser.close()
