import { ConnectorError, type ConnectorContext, type Snapshot } from '../contract'
import { uuidOf } from './domain'
import { type Domain, DOMAIN_LOOKUP, LIST_SNAPSHOTS, SNAPSHOT_XML, type SnapshotRef } from './procedures'
import { whereThere } from './refusal'
import { type Session, withSession } from './session'
import { slices } from './told'
import { readXml, textAt } from './xml'

const AT_ONCE = 50

/** The description of a new snapshot. @throws ConnectorError unsupported where its name would say more than a name */
export function snapshotXml(name: string | undefined): string {
  if (name === undefined || !/^[A-Za-z0-9][\w.-]{0,99}$/.test(name))
    throw new ConnectorError(
      'unsupported',
      'The name of a snapshot begins with a letter or a digit and has up to 100 letters, digits, points, _ and -',
    )
  return `<domainsnapshot><name>${name}</name></domainsnapshot>`
}

/** The name of a snapshot that is there, whoever gave it. @throws ConnectorError unsupported without a name */
export function existing(name: string | undefined): string {
  if (!name) throw new ConnectorError('unsupported', 'Say which snapshot')
  return name
}

/** The snapshot of that name, if the domain has it. */
export async function findSnapshot(session: Session, domain: Domain, name: string | undefined) {
  return (await session.call(LIST_SNAPSHOTS, domain)).find((each) => each.name === name)
}

/** The newest first. @throws ConnectorError */
export async function snapshots(
  context: ConnectorContext<{ uri: string }>,
  target: { externalId: string },
): Promise<Snapshot[]> {
  const uuid = uuidOf(target.externalId)
  if (uuid === null) throw new ConnectorError('unsupported', 'Only virtual machines have snapshots')
  return withSession(context, async (session) => {
    const all = await session.call(LIST_SNAPSHOTS, await session.call(DOMAIN_LOOKUP, uuid))
    const found: Snapshot[] = []
    for (const slice of slices(all, AT_ONCE))
      found.push(...(await Promise.all(slice.map((one) => readSnapshot(session, one)))).flat())
    return found.sort((a, b) => (b.takenAt ?? '').localeCompare(a.takenAt ?? ''))
  })
}

async function readSnapshot(session: Session, snapshot: SnapshotRef): Promise<Snapshot[]> {
  const xml = await whereThere(session.call(SNAPSHOT_XML, snapshot))
  if (xml === null) return []
  const root = readXml(xml)
  const taken = textAt(root, 'creationTime')
  const description = textAt(root, 'description').slice(0, 1000)
  return [
    {
      name: snapshot.name,
      ...(/^\d{1,11}$/.test(taken) && { takenAt: new Date(Number(taken) * 1000).toISOString() }),
      ...(description && { description }),
    },
  ]
}
