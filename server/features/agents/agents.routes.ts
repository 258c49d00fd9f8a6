import { AGENT_LIMITS } from '@/lib/agent-report'
import { resolveTenant } from '@/lib/host'
import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import {
  type Caller,
  enrolAgent,
  REPORT_INTERVAL,
  sayGoodbye,
  takeInventory,
  takeReport,
} from '@/server/features/agents/agents.service'
import { floodGate } from '@/server/features/agents/flood'
import { agentRelease, type AgentScript, renderInstallScript } from '@/server/features/agents/script/render'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { sha256 } from '@/server/platform/crypto'
import { AppError } from '@/server/platform/errors'
import { bucketOf, countAttempt, networkOf, tooMany } from '@/server/platform/rate-limit'

const TOKEN = /^fhe_[A-Za-z0-9_-]{43}$/
const CREDENTIAL = /^fha_[A-Za-z0-9_-]{43}$/

/** Wrong secrets from one network in a minute. What is right is never refused for others behind the same address. */
const FAILURES = { seconds: 60, attempts: 30 }

// One credential: a report each 30 s is the rule; a restart and a repeat after 409 come in between.
const perCredential = floodGate({ burst: 10, perSecond: 1 })
const perNetwork = floodGate({ burst: 200, perSecond: 50 })

/** Lines of words: what a shell script reads safely. */
const lines = (status: number, ...words: string[]): Response =>
  new Response(`${words.join('\n')}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })

const slowDown = () =>
  lines(429, 'error rate_limited Too many reports. Slow down.', `interval ${REPORT_INTERVAL}`)

function bearer(call: RouteCall, form: RegExp): string {
  const secret = /^Bearer ([\x21-\x7e]+)$/.exec(call.request.headers.get('authorization') ?? '')?.[1] ?? ''
  if (!form.test(secret)) throw new AppError('unauthenticated', 'Send the credential as a bearer token')
  return secret
}

/** Counts wrong secrets per network, in the database for all processes; the answer to too many is 429. */
async function guarded(call: RouteCall, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error
    const network = networkOf(call.facts.ip)
    if (!perNetwork(network)) throw tooMany(FAILURES.seconds)
    const wait = await countAttempt([{ bucket: bucketOf('agent', network), ...FAILURES }])
    throw wait > 0 ? tooMany(wait) : error
  }
}

const callerOf = (call: RouteCall): Caller => ({ ip: call.facts.ip, requestId: call.facts.requestId })

async function enrol(call: RouteCall): Promise<Response> {
  const { hostId, credential } = await enrolAgent(
    bearer(call, TOKEN),
    await call.request.text(),
    callerOf(call),
  )
  return lines(201, `host ${hostId}`, `credential ${credential}`, `interval ${REPORT_INTERVAL}`)
}

async function report(call: RouteCall): Promise<Response> {
  const credential = bearer(call, CREDENTIAL)
  if (!perCredential(sha256(credential))) return slowDown()
  const outcome = await takeReport(credential, await call.request.text())
  switch (outcome.kind) {
    case 'taken':
      return lines(
        200,
        `interval ${REPORT_INTERVAL}`,
        ...(outcome.credential ? [`credential ${outcome.credential}`] : []),
        ...(outcome.parameters ? [outcome.parameters] : []),
        ...(outcome.inventory ? ['inventory'] : []),
        ...(outcome.release ? [`agent ${outcome.release.version} ${outcome.release.sha256}`] : []),
      )
    case 'uninstall':
      return lines(200, 'uninstall')
    case 'replay':
      return lines(409, 'error replay This report is older than the last one', `seq ${outcome.seq}`)
    case 'conflict':
      return inConflict()
    case 'slow':
      return slowDown()
  }
}

const inConflict = () =>
  lines(403, 'error credential_conflict Two machines report with one credential. Enrol the right one again.')

async function inventory(call: RouteCall): Promise<Response> {
  const credential = bearer(call, CREDENTIAL)
  if (!perCredential(sha256(credential))) return slowDown()
  const outcome = await takeInventory(credential, await call.request.text())
  switch (outcome) {
    case 'ok':
      return lines(200, 'taken')
    case 'uninstall':
      return lines(200, 'uninstall')
    case 'replay':
      return lines(409, 'error replay This does not belong to the last report')
    case 'conflict':
      return inConflict()
  }
}

async function goodbye(call: RouteCall): Promise<Response> {
  await sayGoodbye(bearer(call, CREDENTIAL), callerOf(call))
  return lines(200, 'bye')
}

const agentRoute = (
  name: string,
  summary: string,
  audit: string,
  handle: HttpRoute['handle'],
): HttpRoute => ({
  name: `agent.${name}`,
  method: 'POST',
  path: `/api/agent/v1/${name}`,
  declaration: { scope: 'agent', audit, summary },
  maxBody: AGENT_LIMITS.bodyBytes,
  bare: true,
  errors: 'text',
  handle: (call) => guarded(call, () => handle(call)),
})

const CONTENT_TYPE: Record<AgentScript, string> = {
  sh: 'text/x-shellscript; charset=utf-8',
  ps1: 'text/plain; charset=utf-8',
}

function scriptRoute(
  kind: AgentScript,
  name: string,
  file: string,
  summary: string,
  render: (call: RouteCall) => string,
): HttpRoute {
  return {
    name: `agent.${name}`,
    method: 'GET',
    path: `/agent/${file}.${kind}`,
    declaration: { scope: 'public', audit: 'none', summary },
    maxBody: 0,
    bare: true,
    errors: 'text',
    handle: (call) => {
      const headers = { 'content-type': CONTENT_TYPE[kind], 'cache-control': 'no-store' }
      return Promise.resolve(new Response(render(call), { headers }))
    },
  }
}

/**
 * The installer for the tenant of this host name; it holds no secret. The same for every name that a tenant could have, so
 * that it says nothing about which exist (attack B15).
 */
const installer =
  (kind: AgentScript) =>
  ({ facts }: RouteCall): string => {
    // A host name that is none of ours does not come this far (dispatch).
    const host = resolveTenant(facts.host, facts.path, siteConfig())
    return renderInstallScript(tenantOrigin(host.kind === 'tenant' ? host.slug : null, siteConfig()), kind)
  }

const scripts: HttpRoute[] = [
  scriptRoute(
    'sh',
    'install',
    'install',
    'The agent and its installer, as one shell script',
    installer('sh'),
  ),
  scriptRoute(
    'ps1',
    'installWindows',
    'install',
    'The agent and its installer, for Windows',
    installer('ps1'),
  ),
  // For those that replace themselves: as public as the installer, and the same for every name.
  scriptRoute('sh', 'script', 'agent', 'The agent, as a shell script', () => agentRelease('sh').script),
  scriptRoute('ps1', 'scriptWindows', 'agent', 'The agent, for Windows', () => agentRelease('ps1').script),
]

/** What agents speak: text, no cookies, no tenant in any payload. */
export const agentRoutes: HttpRoute[] = [
  ...scripts,
  agentRoute('enrol', 'Enrol a machine with an enrolment token', 'host.enrol', enrol),
  agentRoute('report', 'Report of an enrolled machine', 'none', report),
  agentRoute('inventory', 'Packages and services of an enrolled machine', 'none', inventory),
  agentRoute('goodbye', 'The agent was removed from its machine', 'host.agent_removed', goodbye),
]
