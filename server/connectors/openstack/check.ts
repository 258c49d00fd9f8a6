import { z } from 'zod'
import type { Finding, TestReport } from '../contract'
import { read } from './client'
import { type ServiceName, type Services } from './services'
import { closeSession, openSession, type Context, type Session } from './session'

const versionDocument = z.looseObject({ version: z.looseObject({ version: z.string().max(20) }) })

/** Looks around and changes nothing. @throws ConnectorError */
export async function test(context: Context): Promise<TestReport> {
  // what was said with an older token may have changed
  closeSession(context)
  const session = await openSession(context)
  const findings = [...placesOf(session.services), ...rightsOf(session)]
  const isReached = typeof session.services.compute === 'object'
  const version = isReached ? (await read(context, 'compute', '/', versionDocument)).version.version : ''
  const api = version && ` (compute API ${version})`
  return { server: `OpenStack${api}, project ${session.project.name.slice(0, 100)}`, version, findings }
}

const MISSING: Readonly<Record<ServiceName, string>> = {
  compute: 'servers, so nothing can be found',
  network: 'networks',
  image: 'images',
  volume: 'volumes',
}

function placesOf(services: Services): Finding[] {
  return (Object.keys(MISSING) as ServiceName[]).flatMap((name): Finding[] => {
    const place = services[name]
    const level = name === 'compute' ? 'error' : 'warning'
    if (place === 'elsewhere')
      return [
        {
          level,
          message: `Not reached: ${MISSING[name]}. The ${name} service has another address than Keystone.`,
          remedy:
            'A connection goes to one address. Put the public endpoints of all services behind it, each with a path of its own (/identity, /compute, /network), and change the catalogue.',
          commands: [`openstack endpoint list --interface public --service ${name}`],
        },
      ]
    // block storage is an extra
    if (place !== 'absent' || name === 'volume') return []
    return [
      {
        level,
        message: `The catalogue has no ${name} service: no ${MISSING[name]}.`,
        remedy: 'Ask the cloud’s administrator, or choose another region.',
      },
    ]
  })
}

function rightsOf({ roles, isUnrestricted }: Session): Finding[] {
  const findings: Finding[] = []
  if (isUnrestricted)
    findings.push({
      level: 'warning',
      message: 'The application credential is unrestricted: it may make others.',
      remedy: 'Make one without --unrestricted.',
      commands: ['openstack application credential create freehold --role member'],
    })
  if (roles.includes('admin'))
    findings.push({
      level: 'warning',
      message: 'The application credential may more than is needed: it has the role admin.',
      remedy: 'Make one with the role member only.',
      commands: ['openstack application credential create freehold --role member'],
    })
  if (roles.length > 0 && roles.every((role) => role === 'reader'))
    findings.push({
      level: 'warning',
      message: 'The application credential only looks: servers cannot be started or stopped.',
      remedy: 'This is right for a cloud that is only to be seen. To act, make one with the role member.',
    })
  return findings
}
