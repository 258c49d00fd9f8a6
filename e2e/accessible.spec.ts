import { expectAccessible } from './fixtures/axe'
import { expect, test } from './fixtures/test'

/** A page that follows the system's theme as ours do, with that in it. */
const pageWith = (body: string) => `<!doctype html>
  <html lang="en"><title>Mistakes</title>
  <style>.light { background: #fff; color: #000 } .dark { background: #000; color: #fff } .dark .dim { color: #222 }</style>
  <main><h1>Mistakes</h1>${body}</main>
  <script>{
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const follow = () => (document.documentElement.className = dark.matches ? 'dark' : 'light')
    dark.addEventListener('change', follow)
    follow()
  }</script></html>`

test('what every page is looked at with sees mistakes, also at a second look and in the dark only', async ({
  page,
}) => {
  const mistakes: [string, RegExp][] = [
    ['<img src="data:,">', /light, [\s\S]*image-alt/],
    ['<input>', /light, [\s\S]*label/],
    ['<p style="color: #777; background: #888">Grey on grey</p>', /light, [\s\S]*color-contrast/],
    ['<p class="dim">Dim</p>', /dark, [\s\S]*color-contrast/],
  ]
  for (const [body, what] of mistakes) {
    await page.setContent(pageWith(body))
    await expect(expectAccessible(page), body).rejects.toThrow(what)
    await expect(expectAccessible(page), body).rejects.toThrow(what)
  }
  await page.setContent(pageWith('<p>None</p>'))
  await expectAccessible(page)
})
