import { z } from 'zod'
import { type ConnectorContext, type Finding, type TestReport } from '../contract'
import { openEngine, readIfAllowed } from './client'
import * as schemas from './schemas'

/** What a proxy in front of the socket may keep back, and what is missing then. */
const LISTS = [
  { path: '/containers/json?limit=1', setting: 'CONTAINERS', missing: 'containers, so nothing can be found' },
  { path: '/networks', setting: 'NETWORKS', missing: 'networks' },
  { path: '/images/json', setting: 'IMAGES', missing: 'images' },
] as const

/** Looks around and changes nothing. @throws ConnectorError */
export async function test(context: ConnectorContext): Promise<TestReport> {
  const engine = await openEngine(context)
  const info = await readIfAllowed(context, engine, '/info', schemas.info)
  const findings: Finding[] = []
  if (!info) findings.push(kept('INFO', 'the host’s name and size', 'warning'))
  for (const { path, setting, missing } of LISTS)
    if (!(await readIfAllowed(context, engine, path, z.array(z.unknown()))))
      findings.push(kept(setting, missing, setting === 'CONTAINERS' ? 'error' : 'warning'))
  if (info?.Swarm?.LocalNodeState === 'active')
    findings.push({
      level: 'warning',
      message:
        'This engine is a node of a swarm. Only its own containers are seen, not services of the swarm.',
      remedy: 'Connect the other nodes as clouds of their own.',
    })
  const name = info?.Name.slice(0, 100)
  return { server: engine.label + (name ? `, ${name}` : ''), version: engine.version, findings }
}

const kept = (setting: string, missing: string, level: Finding['level']): Finding => ({
  level,
  message: `The engine keeps this back: ${missing}.`,
  remedy: `A proxy in front of the engine forbids it. Allow it there (${setting}=1 in docker-socket-proxy).`,
})
