import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ConnectorError, type ConnectorContext } from '../contract'
import { exchange, refusal } from './http'
import { chooseServices, type Services } from './services'

const PATH = /^(\/[\w.-]{1,50}){1,5}$/

export const settings = z.strictObject({
  /** Of Keystone's version 3 below the address; looked for where it is not said. */
  path: z.string().trim().regex(PATH, 'Enter it as /identity/v3').optional(),
  region: z.string().trim().min(1).max(255).optional(),
})
export const secret = z.strictObject({
  id: z
    .string()
    .trim()
    .regex(/^[0-9a-f]{32}$/, 'Enter the ID of the application credential, not its name'),
  secret: z.string().trim().min(1).max(255),
})
export type Context = ConnectorContext<z.output<typeof settings>, z.output<typeof secret>>

/** Where Keystone usually is: behind one address with all others, or alone at it. */
const USUAL_PATHS = ['/identity/v3', '/v3']
/** A token is used no longer than this before its end, in ms: what has begun with it should end with it. */
const BEFORE_END = 5 * 60_000
const MOST_SESSIONS = 1000

const versionDocument = z.looseObject({ version: z.looseObject({ id: z.string() }) })
const tokenDocument = z.looseObject({
  token: z.looseObject({
    issued_at: z.string(),
    expires_at: z.string(),
    project: z.looseObject({ id: z.string().regex(/^[\w-]{1,64}$/), name: z.string() }),
    roles: z.array(z.looseObject({ name: z.string() })).optional(),
    application_credential: z.looseObject({ restricted: z.boolean().optional() }).nullish(),
    catalog: z.array(z.unknown()),
  }),
})

/** A token, and what was said with it. */
export interface Session {
  token: string
  /** When another is to be got, by this machine's clock, in ms. */
  until: number
  project: { id: string; name: string }
  roles: string[]
  /** The credential may make others. */
  isUnrestricted: boolean
  services: Services
}

/** Tokens by what they were got with, oldest first: one that is got for every look is a burden to Keystone. */
const sessions = new Map<string, Session>()
const keyOf = ({ settings, secret }: Context) =>
  createHash('sha256')
    .update(JSON.stringify([settings.path, settings.region, secret.id, secret.secret]))
    .digest('hex')

/** The token kept, or a new one. @throws ConnectorError unauthenticated, wrong_server, bad_answer, unsupported */
export async function openSession(context: Context): Promise<Session> {
  const key = keyOf(context)
  const kept = sessions.get(key)
  if (kept && kept.until > Date.now()) return kept
  const session = await signIn(context)
  sessions.delete(key)
  sessions.set(key, session)
  const [oldest] = sessions.keys()
  if (sessions.size > MOST_SESSIONS && oldest !== undefined) sessions.delete(oldest)
  return session
}

/** Forgets a token that is no longer taken. */
export function closeSession(context: Context): void {
  sessions.delete(keyOf(context))
}

async function signIn(context: Context): Promise<Session> {
  const path = context.settings.path ?? (await findKeystone(context))
  const { id, secret } = context.secret
  const identity = { methods: ['application_credential'], application_credential: { id, secret } }
  const body = JSON.stringify({ auth: { identity } })
  const before = Date.now()
  const reply = await exchange(context, { method: 'POST', path: `${path}/auth/tokens`, body })
  if (reply.status === 401)
    throw new ConnectorError('unauthenticated', 'Keystone does not take this application credential')
  if (reply.status !== 201) throw reply.status === 404 ? notKeystone() : refusal(reply)
  const read = tokenDocument.safeParse(reply.value)
  const token = reply.headers['x-subject-token'] ?? ''
  if (!read.success || !/^[\x21-\x7e]{1,8000}$/.test(token))
    throw new ConnectorError('bad_answer', 'Keystone’s answer is not understood')
  const { issued_at, expires_at, project, roles = [], application_credential, catalog } = read.data.token
  const life = Date.parse(expires_at) - Date.parse(issued_at)
  return {
    token,
    until: before + (life > 0 ? life : 0) - BEFORE_END,
    project: { id: project.id, name: project.name.slice(0, 200) },
    roles: roles.map(({ name }) => name).slice(0, 50),
    isUnrestricted: application_credential?.restricted === false,
    services: chooseServices(catalog, context.settings.region),
  }
}

const notKeystone = () =>
  new ConnectorError(
    'wrong_server',
    'There is no Keystone of version 3 at this address: enter its path too, such as /identity/v3',
  )

async function findKeystone(context: Context): Promise<string> {
  for (const path of USUAL_PATHS) {
    const reply = await exchange(context, { method: 'GET', path })
    const read = versionDocument.safeParse(reply.value)
    if (reply.status === 200 && read.success && /^v3\./.test(read.data.version.id)) return path
    if (reply.status >= 500 || reply.status === 429) throw refusal(reply)
  }
  throw notKeystone()
}
