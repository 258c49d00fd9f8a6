import fs from 'node:fs'
import path from 'node:path'
import { EnvError, readEnv } from '@/server/platform/env'
import { ROOT } from '../run'
import { code, page, table } from './markdown'

const ENV = 'server/platform/env.ts'

/** What each setting is for. A setting without an entry, or an entry without a setting, is an error. */
const MEANING: Record<string, string> = {
  NODE_ENV: 'Set by the commands: `npm start` and `npm run demo` run in `production`.',
  PORT: 'Port of the HTTP server.',
  LISTEN_HOST:
    'Address to listen on. `0.0.0.0` or `::` lets a network reach this process directly; behind a reverse proxy leave it.',
  DATA_DIR: 'Folder of the embedded PostgreSQL and of the generated secret. Two installs need two folders.',
  DATABASE_URL:
    'A PostgreSQL 15 or newer to use instead of the embedded one. Its user owns the database and has CREATEROLE, or is a superuser. May point to PgBouncer if DIRECT_DATABASE_URL does not.',
  DIRECT_DATABASE_URL:
    'Address of the same database without PgBouncer: migrations, LISTEN and the worker need a session. Default: DATABASE_URL.',
  FREEHOLD_SECRET:
    'The one secret: database passwords, the key of the signed context and of cursors derive from it. Unset: made at the first start and kept in `DATA_DIR/secret`. In production at least 32 characters and not guessable. The same for all processes of an install.',
  PUBLIC_URL:
    "How browsers reach the main host: scheme, host and port, no path. Its scheme decides `__Host-` cookies; its host is the parent of the tenants' subdomains.",
  TENANT_URLS:
    '`subdomain`: Acme is at `acme.<host>`. `path`: at `<host>/t/acme`, for installs without wildcard DNS and for addresses.',
  TRUSTED_PROXIES: 'Reverse proxies whose `X-Forwarded-*` headers are believed.',
  MULTI_TENANT_ENABLED:
    'Turns multi-tenancy on or off for the whole install. Unset: the switch in Settings > Multi-tenancy decides.',
  SMTP_URL:
    'The mail server that sends invitations and links for forgotten passwords: `smtp://` (STARTTLS where offered) or `smtps://`, with user and password where it wants them. Unset: mail is kept under Settings > Mail and goes nowhere.',
  MAIL_FROM: 'Address that mail comes from. Unset: `freehold@` and the host of PUBLIC_URL.',
  IDENTITY_ALLOW_PRIVATE:
    'Lets identity providers (Settings > Identity) stand in private networks and answer over `http://`, for homelabs. Leave it off where tenants are not trusted: whoever sets up a source can make this server ask addresses of its own network.',
  CONNECTOR_LOCAL:
    "What clouds of the master tenant may reach on Freehold's own machine: exactly these addresses and sockets, and no other. Unset: nothing. Subtenants reach none of it.",
  LICENCE_PUBLIC_KEYS:
    'Publishers whose licence keys count: raw Ed25519 public keys in base64url (docs/licence.md). Unset: no key counts.',
  STRIPE_SECRET_KEY:
    'Lets the master buy by Stripe: `sk_live_…`, or `sk_test_…` for test mode (docs/billing.md). Unset: nothing is sold, and nothing of Stripe is needed.',
  STRIPE_WEBHOOK_SECRET:
    'Signing secret of the webhook endpoint, `whsec_…`. Needed beside STRIPE_SECRET_KEY.',
  STRIPE_PRICES:
    'What is sold: `plan=price`, comma-separated, such as `enterprise=price_123,enterprise=price_456`.',
  STRIPE_API_URL: 'Where an emulator of Stripe stands, on this machine; with a key of test mode only.',
  BILLING_GRACE_DAYS: 'Days that a subscription counts after a payment failed.',
  LOG_LEVEL:
    'How much is logged. Logs are JSON lines on standard output and hold no secrets. `npm start` sets `warn` unless you set it.',
  BACKGROUND_MOVE_ABOVE:
    'A cloud with more things in it than this moves to another tenant in the background (Settings > Tasks).',
  FREEHOLD_WORKER: 'Whether this process also runs jobs. At least one process of an install must.',
  FREEHOLD_TEST_LAYER: 'For `npm run test:layers` only; refused outside of tests.',
  POOL_TENANT_MAX: 'Most database connections of this process for requests in subtenants.',
  POOL_MASTER_MAX: '… for requests in the master tenant.',
  POOL_UNION_MAX: '… for lists over all tenants of a person.',
  POOL_SYSTEM_MAX: '… for sign-in, agents and what comes before anyone is known.',
  POOL_WORKER_MAX: '… for jobs.',
}

/** Names in the order of the schema in env.ts. */
function names(): string[] {
  const source = fs.readFileSync(path.join(ROOT, ENV), 'utf8')
  const schema = /^const schema = z\.object\(\{\n([\s\S]*?)^\}\)/m.exec(source)?.[1] ?? ''
  const found = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name)
  const odd = [
    ...found.filter((name) => !(name in MEANING)),
    ...Object.keys(MEANING).filter((name) => !found.includes(name)),
  ]
  if (odd.length > 0)
    throw new Error(`scripts/lib/docs/settings.ts and ${ENV} disagree about ${odd.join(', ')}`)
  return found
}

function byDefault(name: string): string {
  const settings: Record<string, string | number | boolean | readonly string[] | undefined> = {
    ...readEnv({}),
  }
  const value = settings[name]
  if (name === 'DATA_DIR' && typeof value === 'string')
    return code(`./${path.relative(process.cwd(), value)}`)
  const text = typeof value === 'object' ? value.join(',') : String(value ?? '')
  return text === '' ? 'unset' : code(text)
}

/** What a wrong value is told; nothing is wrong with any text where there is no answer. */
function accepts(name: string): string {
  try {
    readEnv({ [name]: '?' })
    return 'any text'
  } catch (error) {
    if (!(error instanceof EnvError)) throw error
    return error.message.replace(`${name} must be `, '').replace(`${name} must look like`, 'looks like')
  }
}

/** docs/generated/settings.md: every environment variable that the server reads. */
export function settingsPage(): Promise<string> {
  return page('Settings', [
    'Environment variables, read and checked at start (`server/platform/env.ts`). An empty one counts as unset. A wrong one stops the start with one line that names it. None is needed to try Freehold.',
    table(
      ['Variable', 'Default', 'Accepts', 'Meaning'],
      names().map((name) => [code(name), byDefault(name), accepts(name), MEANING[name] ?? '']),
    ),
    'What is switched while Freehold runs (multi-tenancy, when `MULTI_TENANT_ENABLED` is unset) is in Settings > Multi-tenancy of the master tenant. Settings of the agent are in [agent.md](../agent.md).',
  ])
}
