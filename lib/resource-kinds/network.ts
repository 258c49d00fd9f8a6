import { isInCidr } from './address'
import { note, USUAL, type ResourceKind } from './kind'

export const NETWORK: ResourceKind = {
  ...USUAL,
  kind: 'network',
  label: 'Network',
  plural: 'Networks',
  icon: 'network',
  description: 'Networks that machines stand in.',
  section: 'infrastructure',
  slug: 'networks',
  permission: 'networks',
  member: 'networks',
  fields: {
    description: note,
    cidr: { type: 'text', label: 'CIDR', format: 'cidr', required: true, hint: 'Such as 10.20.0.0/24' },
    vlan: { type: 'number', label: 'VLAN', min: 1, max: 4094 },
    gateway: { type: 'text', label: 'Gateway', format: 'ip' },
    dns: { type: 'list', label: 'DNS servers', format: 'ip' },
    dhcp: { type: 'boolean', label: 'DHCP server' },
  },
  columns: ['cidr', 'vlan', 'gateway'],
  problem: ({ cidr, gateway }) =>
    typeof gateway === 'string' && typeof cidr === 'string' && !isInCidr(gateway, cidr)
      ? { field: 'gateway', message: `The gateway is not in ${cidr}` }
      : null,
}
