// The pictures of the README: starts a demo of its own in a temporary folder and takes docs/screenshots/*.png in Chromium.
//   npm run screenshots
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { chromium, type Browser, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, ensureChromium } from './chromium'
import { ROOT } from './lib/run'

const FOLDER = path.join(ROOT, 'docs/screenshots')
const READY_WITHIN_MS = 180_000
const DESKTOP = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** Larger ones make the README slow to open. */
const MAX_BYTES = 250_000

interface Demo {
  origin: string
  acme: string
  password: string
  stop: () => Promise<void>
}

/** The usual port, for addresses on the pictures to look as usual; another one if it is taken. */
async function freePort(): Promise<number> {
  return (await tryPort(3000)) ?? (await tryPort(0)) ?? Promise.reject(new Error('There is no free port'))
}

async function tryPort(wanted: number): Promise<number | null> {
  const server = net.createServer()
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(wanted, '127.0.0.1', () => resolve(true))
  })
  if (!listens) return null
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** @throws if the demo is not up within three minutes */
async function startDemo(): Promise<Demo> {
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/e2e-server.ts'], {
    cwd: ROOT,
    env: { ...process.env, E2E_DEMO: '1', E2E_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const password = await printedPassword(child)
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGTERM')
    })
  return { origin: `http://localhost:${port}`, acme: `http://acme.localhost:${port}`, password, stop }
}

function printedPassword(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const late = setTimeout(() => {
      child.kill('SIGTERM')
      reject(new Error('The demo did not start within three minutes'))
    }, READY_WITHIN_MS)
    child.stdout?.on('data', (chunk) => {
      output += String(chunk)
      const [, password] = /password of all: ([\w-]+)/.exec(output) ?? []
      if (!password) return
      clearTimeout(late)
      resolve(password)
    })
    child.once('exit', (code) => reject(new Error(`The demo ended with code ${code}`)))
  })
}

async function signIn(page: Page, origin: string, username: string, password: string): Promise<void> {
  await page.goto(`${origin}/login`)
  await page.getByLabel('Username').fill(username)
  await page.locator('input[type=password]').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: /^Welcome/ }).waitFor()
}

/** Takes the page as it is, once its fonts are there and nothing moves. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'))
  const file = path.join(FOLDER, `${name}.png`)
  await page.screenshot({ path: file })
  const { size } = fs.statSync(file)
  console.log(`${path.relative(ROOT, file)}  ${Math.round(size / 1000)} kB`)
  if (size > MAX_BYTES) throw new Error(`${name}.png has ${size} bytes; ${MAX_BYTES} at most`)
}

/** Two machines of the demo stop reporting, as some always do; it takes a minute and a half to notice. */
async function untilOneIsOffline(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/infrastructure/hosts?status=offline`)
  await page.getByRole('cell', { name: 'Offline' }).first().waitFor({ timeout: READY_WITHIN_MS })
}

const newPage = async (browser: Browser, viewport: { width: number; height: number }) =>
  (await browser.newContext({ viewport, reducedMotion: 'reduce', locale: 'en-GB' })).newPage()

async function takeAll(browser: Browser, { origin, acme, password }: Demo): Promise<void> {
  const visitor = await newPage(browser, DESKTOP)
  const mara = await newPage(browser, DESKTOP)
  await signIn(mara, origin, 'mara', password)
  const go = async (page: Page, where: string) => {
    await page.goto(where)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }
  const open = async (list: string, link: string) => {
    await go(mara, `${origin}${list}`)
    await mara.getByRole('link', { name: link }).click()
    await mara.getByRole('heading', { level: 1, name: link }).waitFor()
    return mara.url()
  }
  await untilOneIsOffline(mara, origin)
  const host = await open('/infrastructure/hosts', 'rack3-web-1')
  const tenant = await open('/admin/tenants', 'Acme Retail')
  for (const theme of ['light', 'dark'] as const) {
    await visitor.emulateMedia({ colorScheme: theme })
    await mara.emulateMedia({ colorScheme: theme })
    await go(visitor, `${acme}/login`)
    await shoot(visitor, `login-${theme}`)
    for (const [name, where] of [
      ['home', origin],
      ['hosts', `${origin}/infrastructure/hosts`],
      ['host', host],
      ['tenants', `${origin}/admin/tenants`],
      ['tenant', tenant],
    ] as const) {
      await go(mara, where)
      await shoot(mara, `${name}-${theme}`)
    }
  }
  await mara.emulateMedia({ colorScheme: 'light' })
  await mara.setViewportSize(PHONE)
  for (const [name, where] of [
    ['hosts', '/infrastructure/hosts'],
    ['tenants', '/admin/tenants'],
  ] as const) {
    await go(mara, origin + where)
    await shoot(mara, `${name}-phone`)
  }
}

const executablePath = await ensureChromium()
fs.mkdirSync(FOLDER, { recursive: true })
const demo = await startDemo()
const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
try {
  await takeAll(browser, demo)
} finally {
  await browser.close()
  await demo.stop()
}
