import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const originPattern = new RegExp(
  `^https?://(?:${label}(?:\\.${label})*|\\[[0-9a-f:.]{2,45}\\])(?::[1-9][0-9]{0,4})?(?:/t/${label})?$`,
)

const cache = new Map<string, string>()

/**
 * Reads a file of this folder, once. From the working directory, which is the repository's root in every way the server is
 * started: `import.meta.url` would point at the bundle once esbuild or Next has moved this code.
 */
function source(name: string): string {
  let text = cache.get(name)
  if (text === undefined) {
    text = readFileSync(join(process.cwd(), 'server/features/agents/script', name), 'utf8')
    cache.set(name, text)
  }
  return text
}

/** The agent as one script: agent.sh with its parts in the place of their markers. */
export function renderAgentScript(): string {
  return source('agent.sh').replace(
    /^# @@(facts\.sh|inventory\.sh|service\.sh|update\.sh)@@$/gm,
    (_marker, name: string) =>
      source(name)
        .replace(/^# shellcheck shell=sh\n/, '')
        .trimEnd(),
  )
}

export interface AgentRelease {
  version: string
  /** Of the bytes of `script`, in hex: what an agent compares with its own. */
  sha256: string
  script: string
}

/** `ps1`: for Windows. */
export type AgentScript = 'sh' | 'ps1'

const releases = new Map<AgentScript, AgentRelease>()

/** The agent as it lies on a machine after installing it, byte for byte. */
export function agentRelease(kind: AgentScript = 'sh'): AgentRelease {
  let release = releases.get(kind)
  if (!release) {
    const script = `${(kind === 'sh' ? renderAgentScript() : source('agent.ps1')).trimEnd()}\n`
    const version = /^(?:VERSION=|\$Version = ')([0-9.]+)'?$/m.exec(script)?.[1] ?? ''
    release = { version, sha256: createHash('sha256').update(script).digest('hex'), script }
    releases.set(kind, release)
  }
  return release
}

/**
 * The installer for one tenant's origin, with the agent inside it.
 * @param origin scheme, host and port, without a slash at the end; `/t/<subdomain>` after it where tenants have paths (PRODUCT rule 10).
 * @throws TypeError when the origin is of any other form: it becomes part of a script that people run as root.
 */
export function renderInstallScript(origin: string, kind: AgentScript = 'sh'): string {
  if (origin.length > 300 || !originPattern.test(origin)) {
    throw new TypeError('The origin of an install script must be http(s)://host[:port][/t/subdomain].')
  }
  return source(`install.${kind}`)
    .replaceAll('@@ORIGIN@@', () => origin)
    .replace('@@AGENT@@', () => agentRelease(kind).script.trimEnd())
}
