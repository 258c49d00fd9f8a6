import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { type ConnectorContext, type Finding, type TestReport } from '../contract'
import { pathOf, readIfAllowed } from './client'
import { listProjects, trustedServer } from './discover'

type Context = ConnectorContext<unknown, { certificate?: string }>
const trusted = z.looseObject({ fingerprint: z.string(), restricted: z.boolean().nullish() })

/** Looks around and changes nothing. @throws ConnectorError */
export async function test(context: Context): Promise<TestReport> {
  const { environment } = await trustedServer(context)
  const projects = (await listProjects(context)).map(({ name }) => name)
  const isIncus = environment?.server !== 'lxd'
  const version = environment?.server_version ?? ''
  const name = environment?.server_name
  const server = [isIncus ? 'Incus' : 'LXD', version].join(' ').trim() + (name ? `, ${name}` : '')
  const isRestricted = await restrictedIn(context)
  return { server, version, findings: isRestricted ? [restricted(projects, isIncus ? 'incus' : 'lxc')] : [] }
}

/** A restricted certificate may not read who is trusted, or reads of nobody but itself. A unix socket is never restricted. */
async function restrictedIn(context: Context): Promise<boolean> {
  const { certificate } = context.secret
  if (!certificate) return false
  const own = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  const all = await readIfAllowed(context, pathOf(['certificates'], { recursion: '1' }), z.array(trusted))
  const mine = all?.find(({ fingerprint }) => fingerprint === own)
  return mine?.restricted ?? true
}

function restricted(projects: string[], command: string): Finding {
  const names = projects.length
    ? `these projects only: ${projects.slice(0, 20).join(', ')}`
    : 'no project at all'
  return {
    level: projects.length ? 'warning' : 'error',
    message: `The certificate is restricted. It sees ${names}. Storage pools and hosts may be missing.`,
    remedy:
      'This is right for a cloud that shall show only these projects. To show more, change the certificate on the server.',
    commands: [`${command} config trust list`, `${command} config trust edit <fingerprint>`],
  }
}
