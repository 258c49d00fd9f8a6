import { z } from 'zod'
import { certificate, isMatching, isWhole, key, shownCertificate } from '../client-key'
import { ACTIONS, type Connector } from '../contract'
import { act, follow, snapshots } from './actions'
import { test } from './check'
import { openConsole } from './console'
import { create, finish, newId } from './create'
import { discover } from './discover'
import { enrol, makeKeyPair } from './enrol'
import { activity, watch } from './watch'

const settings = z.strictObject({})
/** A key pair, or a token that gets one trusted; neither on a unix socket, where the socket itself is the right. */
const secret = z
  .strictObject({
    certificate: certificate.optional(),
    key: key.optional(),
    token: z.string().trim().min(1).max(5000).optional(),
  })
  .refine(isWhole, 'A certificate and its key go together')
  .refine(isMatching, 'The key is not the one of this certificate')

type Secret = z.infer<typeof secret>

/** Incus and LXD, which speak the same API. */
export const INCUS: Connector<z.infer<typeof settings>, Secret> = {
  id: 'incus',
  label: 'Incus or LXD',
  capabilities: {
    finds: ['host', 'folder', 'datastore', 'network', 'virtual_image', 'virtual_machine'],
    actions: ACTIONS,
    watches: true,
    activity: true,
    backups: false,
    console: 'terminal',
    creates: {
      from: 'virtual_image',
      place: { kind: 'folder', label: 'Project', required: true },
      network: true,
    },
  },
  endpoint: {
    schemes: ['https', 'unix'],
    defaultPort: 8443,
    placeholder: 'https://incus.example.com:8443',
    hint: 'The server must listen there: incus config set core.https_address :8443',
  },
  settings,
  secret,
  fields: [
    {
      name: 'token',
      in: 'secret',
      label: 'Trust token',
      type: 'password',
      required: false,
      hint: 'Made by `incus config trust add freehold` or `lxc config trust add --name freehold`. It works once; Freehold makes its own key with it.',
    },
    {
      name: 'certificate',
      in: 'secret',
      label: 'Client certificate',
      type: 'multiline',
      required: false,
      hint: 'PEM, where there is no token',
    },
    {
      name: 'key',
      in: 'secret',
      label: 'Key of the certificate',
      type: 'multiline',
      required: false,
      hint: 'PEM, without a password',
    },
  ],
  clientCertificate: shownCertificate,
  prepare: async (secret) =>
    secret.token && !secret.certificate ? { ...secret, ...(await makeKeyPair()) } : secret,
  enrol: async (context) => {
    const { token, certificate, key } = context.secret
    if (token && certificate && key) await enrol(context, token, { certificate, key })
    return { certificate, key }
  },
  test,
  discover,
  watch,
  activity,
  snapshots,
  console: (context, { externalId }) => openConsole(context, externalId),
  act,
  follow,
  newId,
  create,
  finish,
}
