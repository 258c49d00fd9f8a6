import type { z } from 'zod'
import type { Connector } from '../contract'
import { act, DOES, follow } from './actions'
import { test } from './check'
import { discover } from './discover'
import { secret, settings } from './session'

/** OpenStack from Pike on, by an application credential of one project, where all services stand at one address. */
export const OPENSTACK: Connector<z.output<typeof settings>, z.output<typeof secret>> = {
  id: 'openstack',
  label: 'OpenStack',
  capabilities: {
    finds: ['folder', 'network', 'virtual_image', 'datastore', 'virtual_machine'],
    actions: DOES,
    watches: false,
    activity: false,
    backups: false,
  },
  endpoint: {
    schemes: ['https'],
    defaultPort: 443,
    placeholder: 'https://cloud.example.com',
    hint: 'Keystone’s address; the other services must be at the same one, each with a path of its own',
  },
  settings,
  secret,
  fields: [
    {
      name: 'id',
      in: 'secret',
      label: 'ID of the application credential',
      type: 'text',
      required: true,
      hint: 'Made by `openstack application credential create freehold --role member`',
    },
    { name: 'secret', in: 'secret', label: 'Its secret', type: 'password', required: true },
    {
      name: 'path',
      in: 'settings',
      label: 'Path of Keystone',
      type: 'text',
      required: false,
      placeholder: '/identity/v3',
      hint: 'Found by itself at /identity/v3 and /v3',
    },
    {
      name: 'region',
      in: 'settings',
      label: 'Region',
      type: 'text',
      required: false,
      placeholder: 'RegionOne',
      hint: 'Where the cloud has several',
    },
  ],
  test,
  discover,
  act,
  follow,
}
