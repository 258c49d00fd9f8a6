import type { ResourceKind } from './kind'

/** A machine that runs the agent (PRODUCT rule 13). Everything known of it is reported, so it has no spec of its own. */
export const HOST: ResourceKind = {
  kind: 'host',
  label: 'Host',
  plural: 'Hosts',
  icon: 'server',
  path: '/infrastructure/hosts',
  spec: {},
  canBePublic: true,
  canBeAssigned: true,
  canBeGranted: true,
  canBeActedOn: false,
}
