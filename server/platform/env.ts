import path from 'node:path'
import { z } from 'zod'

/** Thrown when a setting is missing or wrong. Its message is one line and never holds the value. */
export class EnvError extends Error {
  override name = 'EnvError'
}

const truth = (text: string) => ['true', '1', 'yes', 'on'].includes(text.toLowerCase())
const flag = z
  .string()
  .refine((text) => /^(true|false|1|0|yes|no|on|off)$/i.test(text), 'must be true or false')
  .transform(truth)
const whole = (min: number, max: number, fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine(
      (text) => /^\d{1,9}$/.test(text) && +text >= min && +text <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number)
const listed = (list: string) =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
const postgresUrl = z
  .string()
  .refine(isPostgresUrl, 'must look like postgresql://user:password@host:5432/database')

const schema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development'),
  PORT: whole(1, 65535, 3000),
  /** The address to listen on; loopback unless a network is to reach this process directly. */
  LISTEN_HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z
    .string()
    .default('./data')
    .transform((dir) => path.resolve(dir)),
  DATABASE_URL: postgresUrl.optional(),
  DIRECT_DATABASE_URL: postgresUrl.optional(),
  FREEHOLD_SECRET: z.string().optional(),
  PUBLIC_URL: z
    .string()
    .refine(isOrigin, 'must be an http or https origin without path, such as https://portal.example.com')
    .optional(),
  TENANT_URLS: z.enum(['subdomain', 'path'], 'must be subdomain or path').default('subdomain'),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(listed)
    .refine(
      (list) => list.every(isCidr),
      'must be a comma-separated list of addresses or CIDRs, such as 10.0.0.0/8,::1',
    ),
  MULTI_TENANT_ENABLED: flag.optional(),
  SMTP_URL: z
    .string()
    .refine(isSmtpUrl, 'must look like smtp://user:password@mail.example.com:587 or smtps://…')
    .optional(),
  /** Identity providers may stand in private networks and answer without https; never link-local addresses. */
  IDENTITY_ALLOW_PRIVATE: flag.default(false),
  /** What the master's clouds may reach on this very machine: `127.0.0.1:8443`, `/var/lib/incus/unix.socket`; exactly these. */
  CONNECTOR_LOCAL: z
    .string()
    .default('')
    .transform(listed)
    .refine(
      (list) => list.every((item) => /^(?:127(?:\.\d{1,3}){3}|\[::1\]):\d{1,5}$|^\/[\w./-]+$/.test(item)),
      'must be a comma-separated list of loopback addresses with a port, or paths of sockets, such as 127.0.0.1:8443,/var/lib/incus/unix.socket',
    ),
  /** Publishers whose licence keys count: raw Ed25519 public keys in base64url, comma-separated. */
  LICENCE_PUBLIC_KEYS: z
    .string()
    .default('')
    .transform(listed)
    .refine(
      (list) => list.every((item) => /^[\w-]{43}$/.test(item)),
      'must be a comma-separated list of Ed25519 public keys, as npm run licence -- keypair prints them',
    ),
  /** Stripe, for selling licences: sk_live_… or sk_test_…, the webhook endpoint's secret, and `plan=price_…` for each price. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_(test|live)_\w{4,}$/, 'must look like sk_live_… or sk_test_…')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[\w+/=]{16,}$/, 'must look like whsec_… and have at least 16 characters after that')
    .optional(),
  STRIPE_PRICES: z
    .string()
    .default('')
    .transform(listed)
    .refine(
      (list) => list.every((item) => /^[a-z][a-z0-9_]*=price_\w+$/.test(item)),
      'must be a comma-separated list of plan=price, such as enterprise=price_123,enterprise=price_456',
    ),
  /** Where an emulator of Stripe stands; on this machine, with a key of test mode. */
  STRIPE_API_URL: z
    .string()
    .refine((text) => /^http:\/\/127\.0\.0\.1:\d{1,5}\/?$/.test(text), 'must be http://127.0.0.1 with a port')
    .optional(),
  /** Days that a subscription counts after a payment failed. */
  BILLING_GRACE_DAYS: whole(0, 90, 14),
  MAIL_FROM: z.email('must be an e-mail address, such as freehold@example.com').optional(),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
  FREEHOLD_WORKER: flag.default(true),
  /** Switches the application's own filters off, to show that the database's hold alone; refused outside of tests. */
  FREEHOLD_TEST_LAYER: z.enum(['no-filters', 'no-policies'], 'must be no-filters or no-policies').optional(),
  BACKGROUND_MOVE_ABOVE: whole(1, 1_000_000, 10_000),
  POOL_TENANT_MAX: whole(1, 200, 10),
  POOL_MASTER_MAX: whole(1, 200, 6),
  POOL_UNION_MAX: whole(1, 200, 4),
  POOL_SYSTEM_MAX: whole(1, 200, 6),
  POOL_WORKER_MAX: whole(1, 200, 6),
})

type Parsed = z.output<typeof schema>

/** Every setting of the server, checked. `PUBLIC_URL` is a bare origin, `BASE_DOMAIN` its host name. */
export type Env = Readonly<
  Omit<Parsed, 'PUBLIC_URL' | 'TRUSTED_PROXIES' | 'CONNECTOR_LOCAL' | 'LICENCE_PUBLIC_KEYS' | 'STRIPE_PRICES'>
> & {
  readonly PUBLIC_URL: string
  readonly BASE_DOMAIN: string
  readonly TRUSTED_PROXIES: readonly string[]
  readonly CONNECTOR_LOCAL: readonly string[]
  readonly LICENCE_PUBLIC_KEYS: readonly string[]
  /** `plan=price`, each. */
  readonly STRIPE_PRICES: readonly string[]
}

/**
 * Checks settings and fills in defaults. An empty variable counts as unset.
 * @throws EnvError with one line that names the first wrong variable, never its value
 */
export function readEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (source[name]?.trim() ? [[name, source[name].trim()]] : [])),
  )
  const result = schema.safeParse(given)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw new EnvError(`${String(issue?.path[0] ?? 'Environment')} ${issue?.message ?? 'is not valid'}`)
  }
  return Object.freeze(withDerived(result.data))
}

function withDerived(parsed: Parsed): Env {
  if (parsed.DIRECT_DATABASE_URL && !parsed.DATABASE_URL) {
    throw new EnvError('DIRECT_DATABASE_URL needs DATABASE_URL beside it')
  }
  if (parsed.FREEHOLD_TEST_LAYER && parsed.NODE_ENV !== 'test') {
    throw new EnvError('FREEHOLD_TEST_LAYER must be unset outside of tests')
  }
  checkStripe(parsed)
  const url = new URL(parsed.PUBLIC_URL ?? `http://localhost:${parsed.PORT}`)
  if (parsed.TENANT_URLS === 'subdomain' && isAddress(url.hostname)) {
    throw new EnvError(
      'TENANT_URLS must be path when the host in PUBLIC_URL is an address: it has no subdomains',
    )
  }
  return {
    ...parsed,
    DIRECT_DATABASE_URL: parsed.DIRECT_DATABASE_URL ?? parsed.DATABASE_URL,
    PUBLIC_URL: url.origin,
    BASE_DOMAIN: url.hostname.replace(/\.$/, ''),
    TRUSTED_PROXIES: Object.freeze(parsed.TRUSTED_PROXIES),
    CONNECTOR_LOCAL: Object.freeze(parsed.CONNECTOR_LOCAL),
    LICENCE_PUBLIC_KEYS: Object.freeze(parsed.LICENCE_PUBLIC_KEYS),
    STRIPE_PRICES: Object.freeze(parsed.STRIPE_PRICES),
  }
}

/** @throws EnvError where a part is missing: who takes money without a secret takes everybody's word for it (attack H01) */
function checkStripe(parsed: Parsed): void {
  const {
    STRIPE_SECRET_KEY: key,
    STRIPE_WEBHOOK_SECRET: secret,
    STRIPE_API_URL: at,
    STRIPE_PRICES: prices,
  } = parsed
  if (!key && (secret || at || prices.length > 0))
    throw new EnvError('STRIPE_SECRET_KEY must be set where another setting of Stripe is')
  if (key && !secret) throw new EnvError('STRIPE_WEBHOOK_SECRET must be set where STRIPE_SECRET_KEY is')
  if (key && prices.length === 0)
    throw new EnvError('STRIPE_PRICES must name a price where STRIPE_SECRET_KEY is set')
  if (at && !key?.includes('_test_'))
    throw new EnvError('STRIPE_API_URL must be unset with a key of live mode')
}

let current: Env | undefined

/** The process's own settings, read and checked at the first call. @throws EnvError */
export function env(): Env {
  return (current ??= readEnv(process.env))
}

/** The little of the environment that a child process needs to start: no settings, no secrets. */
export function childEnv(): NodeJS.ProcessEnv {
  const { NODE_ENV, PATH, SystemRoot, TEMP } = process.env
  return { NODE_ENV, PATH, SystemRoot, TEMP, LC_ALL: 'C' }
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function isPostgresUrl(text: string): boolean {
  const url = parseUrl(text)
  return !!url && /^postgres(ql)?:$/.test(url.protocol) && !!url.hostname && url.pathname.length > 1
}

function isSmtpUrl(text: string): boolean {
  const url = parseUrl(text)
  return !!url && /^smtps?:$/.test(url.protocol) && !!url.hostname && /^\/?$/.test(url.pathname)
}

function isOrigin(text: string): boolean {
  const url = parseUrl(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return false
  return url.pathname === '/' && !url.search && !url.hash
}

const isV4 = (text: string) =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => +part < 256)
const isV6 = (text: string) => text.includes(':') && URL.canParse(`http://[${text}]/`)
const isAddress = (host: string) => isV4(host) || isV6(host.replace(/^\[|\]$/g, ''))

function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length > 0 || !(isV4(address) || isV6(address))) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= (isV4(address) ? 32 : 128))
}
