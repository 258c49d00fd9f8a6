// `npm run licence -- keypair | issue | show`: licence keys, for whoever publishes them. The private key stays with the publisher.
import fs from 'node:fs'
import { createPrivateKey, randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { issueKey, makePublisher, rawPublic, readKey } from '@/server/features/licence/key'

const USAGE = `Licence keys of Freehold, for their publisher.

  npm run licence -- keypair --out publisher.pem
      Makes a publisher's key pair. The public key goes into LICENCE_PUBLIC_KEYS of every installation.

  npm run licence -- issue --private publisher.pem --install ID --customer NAME [--hosts N] [--days 365]
      [--capability multi_tenant --capability sso] [--plan enterprise] [--starts 2027-01-01] [--supersedes KEY-ID]... [--sets-clock]
      Prints a key for one installation (its id stands in Settings > Plans & Activation). Without --hosts: any number.
      --supersedes: ends an earlier key, for a smaller licence or a renewal. --sets-clock: for a server whose clock once ran ahead.

  npm run licence -- show KEY --public PUBLIC-KEY
      Says what a key holds.`

const DAY_MS = 86_400_000

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    private: { type: 'string' },
    public: { type: 'string', multiple: true },
    install: { type: 'string' },
    customer: { type: 'string' },
    plan: { type: 'string', default: 'enterprise' },
    capability: { type: 'string', multiple: true, default: ['multi_tenant', 'sso'] },
    hosts: { type: 'string' },
    days: { type: 'string', default: '365' },
    starts: { type: 'string' },
    supersedes: { type: 'string', multiple: true, default: [] },
    'sets-clock': { type: 'boolean', default: false },
  },
})

function keypair(): void {
  const file = values.out ?? fail('Say with --out where the private key goes.')
  if (fs.existsSync(file)) fail(`${file} is there already.`)
  const { publicKey, privateKey } = makePublisher()
  fs.writeFileSync(file, privateKey, { mode: 0o600 })
  console.log(`The private key is in ${file}. For every installation:\n\nLICENCE_PUBLIC_KEYS=${publicKey}`)
}

function issue(): void {
  const file = values.private ?? fail('Say with --private where the publisher’s private key is.')
  const starts = values.starts ? Date.parse(values.starts) : Date.now()
  if (Number.isNaN(starts)) fail('--starts is no date.')
  const days = Number(values.days)
  if (!Number.isInteger(days) || days < 1 || days > 36_500) fail('--days is a whole number from 1 to 36500.')
  const id = randomUUID()
  const key = issueKey(
    {
      id,
      install: values.install ?? fail('Say with --install which installation it is for.'),
      customer: values.customer ?? fail('Say with --customer whom it is for.'),
      plan: values.plan,
      capabilities: values.capability,
      hosts: values.hosts === undefined ? null : Number(values.hosts),
      startsAt: new Date(starts).toISOString(),
      expiresAt: new Date(starts + days * DAY_MS).toISOString(),
      supersedes: values.supersedes,
      setsClock: values['sets-clock'],
    },
    createPrivateKey(fs.readFileSync(file)),
  )
  console.error(`Key ${id}:`)
  console.log(key)
}

function show(text: string | undefined): void {
  const trusted =
    values.public ?? (values.private ? [rawPublic(createPrivateKey(fs.readFileSync(values.private)))] : [])
  if (!text || trusted.length === 0) fail(USAGE)
  const result = readKey(text, trusted)
  if ('problem' in result) fail(`Not a key of this publisher (${result.problem}).`)
  console.log(JSON.stringify(result.payload, null, 2))
}

try {
  if (positionals[0] === 'keypair') keypair()
  else if (positionals[0] === 'issue') issue()
  else if (positionals[0] === 'show') show(positionals[1])
  else fail(USAGE)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
