import { z } from 'zod'
import type { Finding } from '@/server/connectors/contract'

/** What each feature needs of a token. */
const NEEDS: readonly { feature: string; privileges: readonly string[] }[] = [
  { feature: 'See virtual machines and containers', privileges: ['VM.Audit'] },
  { feature: 'See nodes, the cluster and all its tasks', privileges: ['Sys.Audit'] },
  { feature: 'See data stores', privileges: ['Datastore.Audit'] },
  { feature: 'See backups', privileges: ['Datastore.AllocateSpace', 'VM.Backup'] },
  { feature: 'See pools', privileges: ['Pool.Audit'] },
  { feature: 'See networks', privileges: ['SDN.Audit'] },
  { feature: 'Start, stop, suspend and resume', privileges: ['VM.PowerMgmt'] },
  { feature: 'Open the console', privileges: ['VM.Console'] },
  { feature: 'Take snapshots and roll back', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'] },
  { feature: 'Delete virtual machines and containers', privileges: ['VM.Allocate'] },
  {
    feature: 'Create them from templates',
    privileges: [
      ...['VM.Clone', 'VM.Config.CPU', 'VM.Config.Memory', 'VM.Config.Disk'],
      ...['Datastore.AllocateSpace', 'SDN.Use'],
    ],
  },
]
const ALL = [...new Set(NEEDS.flatMap(({ privileges }) => privileges))]
/** Rights over others' rights and over the nodes: nothing here uses them (attack I18). */
const TOO_MUCH = [
  'Permissions.Modify',
  'User.Modify',
  'Realm.Allocate',
  'Sys.Modify',
  'Sys.Console',
  'Sys.PowerMgmt',
]

const permissions = z.record(z.string(), z.record(z.string(), z.unknown()))

/** For a shell: ids hold nothing that one would run (client.ts), quoted all the same. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * What a token lacks, feature by feature, with the commands that mend it, and what it has without need.
 * @param data an answer of /access/permissions: privileges by path
 * @param tokenId user@realm!name
 */
export function examine(data: unknown, tokenId: string): Finding[] {
  const read = permissions.safeParse(data)
  const paths = read.success ? Object.values(read.data) : []
  const has = (privilege: string) => paths.some((held) => Object.hasOwn(held, privilege))
  const [user = ''] = tokenId.split('!')
  const lacking = NEEDS.filter(({ privileges }) => !privileges.every(has))
  const findings: Finding[] = []
  const missing = ALL.filter((one) => lacking.some(({ privileges }) => privileges.includes(one)) && !has(one))
  if (missing.length > 0)
    findings.push({
      level: has('VM.Audit') ? 'warning' : 'error',
      message: `The token cannot do this: ${lacking.map(({ feature }) => feature.toLowerCase()).join('; ')}.`,
      remedy: `It lacks ${missing.join(', ')}. Give them on the whole cluster, or on the pools it is for. A token with privilege separation needs them itself, and so does its user.`,
      commands: [
        `pveum role add Freehold --privs ${quoted(missing.join(' '))} || pveum role modify Freehold --append 1 --privs ${quoted(missing.join(' '))}`,
        `pveum acl modify / --users ${quoted(user)} --roles Freehold`,
        `pveum acl modify / --tokens ${quoted(tokenId)} --roles Freehold`,
      ],
    })
  const spare = TOO_MUCH.filter(has)
  if (spare.length > 0)
    findings.push({
      level: 'warning',
      message: `The token may more than is needed: ${spare.join(', ')}.`,
      remedy: 'Make a token of its own for Freehold, with the privileges above and no others.',
    })
  return findings
}
