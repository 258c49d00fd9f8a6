import type { ConnectorContext, Finding, TestReport } from '../contract'
import {
  DOMAIN_RESUME,
  GET_HOSTNAME,
  GET_LIB_VERSION,
  GET_TYPE,
  GET_VERSION,
  LIST_DOMAINS,
  LIST_NETWORKS,
  LIST_POOLS,
} from './procedures'
import { Refusal, whereTold } from './refusal'
import { type Session, withSession } from './session'

/** Looks around and changes nothing. @throws ConnectorError */
export function test(context: ConnectorContext<{ uri: string }>): Promise<TestReport> {
  return withSession(context, async (session) => {
    const [library, type, host] = await Promise.all([
      session.call(GET_LIB_VERSION),
      session.call(GET_TYPE),
      session.call(GET_HOSTNAME),
    ])
    const hypervisor = await whereTold(session.call(GET_VERSION))
    await session.call(LIST_DOMAINS, 0)
    const version = versionText(library)
    const driver = hypervisor === null ? type : `${type} ${versionText(hypervisor)}`
    return {
      server: `libvirt ${version} (${driver}), ${host}`.slice(0, 300),
      version,
      findings: await findings(session),
    }
  })
}

const versionText = (number: number) =>
  [Math.floor(number / 1e6), Math.floor(number / 1e3) % 1000, number % 1000].join('.')

async function findings(session: Session): Promise<Finding[]> {
  const found: Finding[] = []
  if (await mayOnlyRead(session))
    found.push({
      level: 'warning',
      message: 'The connection may only read: nothing can be started, stopped or changed.',
      remedy:
        'This is right for a cloud that shall only be shown. Otherwise use the socket libvirt-sock, not libvirt-sock-ro, or give the user more in the access rules of libvirt.',
    })
  const missing = [
    ...((await whereTold(session.call(LIST_NETWORKS))) ? [] : ['networks']),
    ...((await whereTold(session.call(LIST_POOLS))) ? [] : ['storage pools']),
  ]
  if (missing.length > 0)
    found.push({
      level: 'warning',
      message: `The server tells of no ${missing.join(' and no ')}.`,
      remedy: 'Install and start its network and storage drivers there, or leave it so if there are none.',
    })
  return found
}

/** Asks for something to be done to a domain that is nowhere: who may not do it is told so before it is looked for. */
async function mayOnlyRead(session: Session): Promise<boolean> {
  try {
    await session.call(DOMAIN_RESUME, { name: '-', uuid: '0'.repeat(32), id: -1 })
    return false
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code === 'forbidden'
  }
}
