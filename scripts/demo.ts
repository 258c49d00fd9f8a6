// `npm run demo`: an MSP with three customers, its people and a fleet of simulated machines that report through the real
// agent API while this runs. Prints who can sign in. Data lies in DATA_DIR (./data/demo): delete that folder to start afresh.
import fs from 'node:fs'
import path from 'node:path'
import Stripe from 'stripe'
import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto'
import { CAPABILITIES } from '@/lib/capabilities'
import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import type { DemoTokens } from '@/prisma/seed/demo'
import { issueKey, makePublisher, rawPublic } from '@/server/features/licence/key'
import { bin, run } from './lib/run'
import { serve } from './lib/serve'

const port = Number(process.env.PORT ?? '3000')
const dataDir = path.resolve(process.env.DATA_DIR ?? './data/demo')
const REPORT_SECONDS = 15
const READY_WITHIN_MS = 60_000

const wantsIncus = process.env.DEMO_INCUS !== 'no' && process.platform === 'linux' && process.getuid?.() === 0

process.env.DATA_DIR = dataDir
fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 })
const incusPort = kept('demo-incus-port', () => String(port + 40))
// Its containers are other users: they cannot get through DATA_DIR, which is nobody else's.
const incusDir = `/var/lib/freehold-demo-incus-${incusPort}`
if (wantsIncus)
  process.env.CONNECTOR_LOCAL = [process.env.CONNECTOR_LOCAL, `127.0.0.1:${incusPort}`].filter(Boolean).join()
process.env.LOG_LEVEL ??= 'warn'

// A publisher of licence keys of this demo's own, so that one can be activated.
const publisher = createPrivateKey(kept('demo-publisher.pem', () => makePublisher().privateKey))
process.env.LICENCE_PUBLIC_KEYS = [process.env.LICENCE_PUBLIC_KEYS, rawPublic(publisher)]
  .filter(Boolean)
  .join()

/** Made once, and from then on what it was. */
function kept(name: string, make: () => string): string {
  const file = path.join(dataDir, name)
  if (!fs.existsSync(file)) fs.writeFileSync(file, make(), { mode: 0o600 })
  return fs.readFileSync(file, 'utf8').trim()
}

/** A Stripe of the demo's own, without money in it, so that the whole way of a buyer can be clicked. */
async function startShop(): Promise<void> {
  const { startStripe } = await import('@/test/stripe/emulator')
  const { seedCatalogue } = await import('@/test/stripe/catalogue')
  const secretKey = 'sk_test_of_the_demo'
  const secret = kept('demo-stripe-webhook', () => `whsec_${randomBytes(24).toString('hex')}`)
  const emulator = await startStripe({
    secretKey,
    port: port + 22,
    file: path.join(dataDir, 'demo-stripe.json'),
    webhook: { url: `http://127.0.0.1:${port}/api/stripe/webhook`, secret },
  })
  const stripe = new Stripe(secretKey, { ...emulator.clientConfig, telemetry: false })
  const { monthly, yearly } = await seedCatalogue(stripe)
  Object.assign(process.env, {
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_PRICES: `enterprise=${monthly},enterprise=${yearly}`,
    STRIPE_API_URL: emulator.url,
  })
}

/** A year of Enterprise for the demo, as its publisher would send it. */
function licenceKeyFor(install: string): string {
  const now = Date.now()
  return issueKey(
    {
      id: randomUUID(),
      install,
      customer: 'Northwind MSP',
      plan: 'enterprise',
      capabilities: Object.keys(CAPABILITIES),
      hosts: 500,
      startsAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 365 * 86_400_000).toISOString(),
    },
    publisher,
  )
}

async function waitUntilReady(): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS
  while (Date.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health/ready`).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('The server did not become ready within a minute')
}

const generated = await run(bin('tsx'), ['scripts/build.ts'])
if (generated.code !== 0) process.exit(generated.code)

if (!process.env.STRIPE_SECRET_KEY) await startShop()

const { siteConfig } = await import('@/server/context/site')
const { openEverything } = await import('@/server/start')
const { DEMO_PEOPLE, demoTokens, placeFleet, seedDemo } = await import('@/prisma/seed/demo')
const { systemValue } = await import('@/server/db/system')
const { enrolFleet, runFleet } = await import('@/prisma/seed/demo-fleet')

// A demo that somebody can reach is not open to everyone who read the README.
const password = kept('demo-password', () => `demo-${randomBytes(6).toString('hex')}`)
const { database, runtime } = await openEverything()
const isNew = await seedDemo(password)
const { installId } = await systemValue<{ installId: string }, 'install_state'>('install_state', [])
kept('demo-licence-key', () => licenceKeyFor(installId))
const tokens: DemoTokens = isNew ? await demoTokens() : {}

await serve({ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: process.env.LOG_LEVEL })
await waitUntilReady()
const stateFile = path.join(dataDir, 'demo-fleet.json')
const hosts = await enrolFleet(port, stateFile, tokens)
if (isNew) await placeFleet(hosts)
runFleet(port, stateFile, REPORT_SECONDS)
setInterval(() => undefined, 1 << 30) // for as long as the server runs

/** After the people are printed: installing it takes a while, and nobody waits for it. @returns what to say of it */
async function liveCloud(): Promise<string> {
  if (!wantsIncus) return 'No live cloud: Incus runs as root on Linux only (and not with DEMO_INCUS=no).'
  const { ensureIncus, startIncus } = await import('@/test/incus')
  if (!ensureIncus()) return "No live cloud: Debian's package incus-base could not be installed here."
  if (isNew) fs.rmSync(incusDir, { recursive: true, force: true })
  const incus = await startIncus({ dir: incusDir, port: Number(incusPort) })
  process.on('exit', incus.shutDown)
  const { connectIncus } = await import('@/prisma/seed/demo-incus')
  await connectIncus(incus)
  return 'The live cloud is there: Infrastructure > Clouds > Incus lab, a real Incus on this machine with four containers.'
}

const url = (slug: string) => tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())
console.log(`\nWho can sign in (password of all: ${password}):\n`)
for (const { username, job, role, tenant } of DEMO_PEOPLE) {
  console.log(`  ${username.padEnd(6)} ${job.padEnd(18)} ${role.padEnd(12)} ${url(tenant)}`)
}
console.log(`\nOn ${url(MASTER_SLUG)} a customer's user signs in as tenant\\user, such as acme\\tom.`)
console.log(
  `A licence key to try in Settings > Plans & Activation: ${path.join(dataDir, 'demo-licence-key')}`,
)
console.log(
  'Enterprise can be bought there, too: from an emulator of Stripe, with the card 4242 4242 4242 4242.',
)
console.log(
  'The machines of the demo are simulated; enrol a real one under Infrastructure > Hosts.\nStop with Ctrl+C.\n',
)
console.log(
  await liveCloud().catch(
    (error: unknown) => `No live cloud: ${error instanceof Error ? error.message : String(error)}`,
  ),
)
await runtime.close()
await database.close()
