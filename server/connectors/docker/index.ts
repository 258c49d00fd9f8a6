import { z } from 'zod'
import { certificate, isMatching, isWhole, key, shownCertificate } from '../client-key'
import type { Connector } from '../contract'
import { act, DOES, follow } from './actions'
import { test } from './check'
import { discover } from './discover'
import { activity, watch } from './events'

const settings = z.strictObject({})
/** Neither on a unix socket, where the socket itself is the right. */
const secret = z
  .strictObject({ certificate: certificate.optional(), key: key.optional() })
  .refine(isWhole, 'A certificate and its key go together')
  .refine(isMatching, 'The key is not the one of this certificate')

/** Docker Engine, and Podman by the same API. */
export const DOCKER: Connector<z.output<typeof settings>, z.output<typeof secret>> = {
  id: 'docker',
  label: 'Docker or Podman',
  capabilities: {
    finds: ['host', 'network', 'virtual_image', 'virtual_machine'],
    actions: DOES,
    watches: true,
    activity: true,
    backups: false,
  },
  endpoint: {
    schemes: ['https', 'unix'],
    defaultPort: 2376,
    placeholder: 'https://docker.example.com:2376',
    hint: 'The engine must listen there with TLS and ask for a client certificate (--tlsverify)',
  },
  settings,
  secret,
  fields: [
    {
      name: 'certificate',
      in: 'secret',
      label: 'Client certificate',
      type: 'multiline',
      required: false,
      hint: 'PEM; not for a unix socket',
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
  test,
  discover,
  watch,
  activity,
  act,
  follow,
}
