import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { type Connector, ConnectorError, type TestReport } from '@/server/connectors/contract'
import { connectorOf } from '@/server/connectors/registry'
import { endpointText, parseEndpoint } from '@/server/connectors/transport/endpoint'
import { lookAtServer } from '@/server/connectors/transport/secure'
import { systemValue } from '@/server/db/system'
import { AppError, invalidField } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { assertWithin, bucketOf, HOUR } from '@/server/platform/rate-limit'
import type { Failed, How, LookAnswer } from './connections.schema'
import { remedyOf } from './connections.words'
import { type Dialled, dialWith, egressFor, tellable, trustOf } from './dial'

const TRY_MS = 30_000
/** How long it takes to hear that a server cannot be reached, whatever the reason: as long as the longest one (attack I06). */
const NOT_REACHED_MS = 10_500
const TRIES = 20

/** What a tenant may try in an hour, so that nobody scans a network with it (attack I06). @throws AppError 429 */
export const assertMayTry = (tenantId: string): Promise<void> =>
  assertWithin({ bucket: bucketOf('connection', tenantId), seconds: HOUR, attempts: TRIES })

/** @throws AppError invalid_input */
function knownConnector(id: string): Connector {
  const connector = connectorOf(id)
  if (!connector) throw invalidField('connector', 'This version has no connector of this name')
  return connector
}

/** In words, and after a time, that tell blocked and absent servers not apart. */
async function failure(error: unknown, began: number): Promise<Failed> {
  const told = tellable(error)
  if (!told) log().error({ err: error }, 'trying a connection failed')
  const { code, message } = told ?? { code: 'internal', message: 'Something went wrong on our side.' }
  if (code === 'unreachable') await sleep(Math.max(0, began + NOT_REACHED_MS - Date.now()))
  return { ok: false, code, message, remedy: remedyOf(code) }
}

/** Tries something with a cloud. @returns what came of it, or what is wrong, to be shown */
export async function attempt<T extends object>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<({ ok: true } & T) | Failed> {
  const began = Date.now()
  try {
    return { ok: true, ...(await work(AbortSignal.timeout(TRY_MS))) }
  } catch (error) {
    if (error instanceof AppError) throw error
    return failure(error, began)
  }
}

/** Reads an address. What is wrong with its form is said at once: that tells of no server. @throws AppError invalid_input */
function readEndpoint(connector: Connector, text: string) {
  try {
    return parseEndpoint(text, connector.endpoint)
  } catch (error) {
    if (error instanceof ConnectorError) throw invalidField('endpoint', error.message)
    throw error
  }
}

const egressOf = async (ownerId: string) =>
  egressFor(ownerId, await systemValue<string[], 'egress_of'>('egress_of', [ownerId]))

/** Looks which certificate a server shows, and says nothing to it. @throws AppError invalid_input for no address */
export function lookAt(ownerId: string, connectorId: string, text: string): Promise<LookAnswer> {
  const connector = knownConnector(connectorId)
  const endpoint = readEndpoint(connector, text)
  return attempt(async (signal) => {
    const certificate =
      endpoint.scheme === 'unix' ? null : await lookAtServer(endpoint, await egressOf(ownerId), signal)
    return { endpoint: endpointText(endpoint), certificate }
  })
}

function read<T>(schema: z.ZodType<T>, input: Record<string, string>, where: 'settings' | 'secret'): T {
  const filled = Object.fromEntries(Object.entries(input).filter(([, value]) => value.trim() !== ''))
  const parsed = schema.safeParse(filled)
  if (parsed.success) return parsed.data
  const fields: Record<string, string> = {}
  for (const { path, message } of parsed.error.issues)
    fields[path.length === 0 ? where : `${where}.${path.map(String).join('.')}`] ??= message
  throw new AppError('invalid_input', 'Some fields are not right', { fields })
}

/** A connection as it is to be kept. */
export interface Verified {
  connector: Connector
  /** In its one spelling. */
  endpoint: string
  settings: object
  secret: object
  fingerprint: string | null
  ca: string | null
  report: TestReport | null
}

/**
 * Reads what was entered, gets the portal's own key trusted where there is a token for that, signs in and looks around.
 * @throws AppError invalid_input for wrong fields
 */
export async function verify(ownerId: string, how: How): Promise<({ ok: true } & Verified) | Failed> {
  const connector = knownConnector(how.connector)
  const endpoint = endpointText(readEndpoint(connector, how.endpoint))
  const settings = read(connector.settings, how.settings, 'settings') as object
  const entered = read(connector.secret, how.secret, 'secret')
  const trust = {
    fingerprint: how.fingerprint ?? null,
    ca: how.fingerprint === undefined ? (how.ca ?? null) : null,
  }
  const kept = { connector, endpoint, settings, ...trust }
  if (how.untested) return { ok: true, ...kept, secret: entered as object, report: null }
  return attempt(async (signal) => {
    const egress = await egressOf(ownerId)
    const dialled = (secret: unknown): Dialled =>
      dialWith(connector, { endpoint, egress, trust: trustOf(trust), settings, secret }, signal)
    let secret = (await connector.prepare?.(entered)) ?? entered
    if (connector.enrol) secret = await connector.enrol(dialled(secret).context)
    const report = await connector.test(dialled(secret).context)
    return { ...kept, secret: secret as object, report }
  })
}
