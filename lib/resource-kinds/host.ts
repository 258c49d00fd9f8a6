import { note, USUAL, type ResourceKind } from './kind'

/** A machine that runs the agent (PRODUCT rule 13). What it is and how it does is reported; what it should be is entered. */
export const HOST: ResourceKind = {
  ...USUAL,
  kind: 'host',
  label: 'Host',
  plural: 'Hosts',
  icon: 'server',
  description: 'Machines that run the agent.',
  section: 'infrastructure',
  slug: 'hosts',
  permission: 'hosts',
  member: 'machines',
  canBeCreated: false,
  canBeActedOn: true,
  fields: {
    description: note,
    profiles: {
      type: 'ref',
      label: 'Profiles',
      kinds: ['profile'],
      many: true,
      hint: 'The first one that sets a parameter wins.',
    },
    params: { type: 'params', label: 'Parameters', hint: 'Beat those of profiles.' },
  },
  columns: [],
}
