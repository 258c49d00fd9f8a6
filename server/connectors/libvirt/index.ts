import { z } from 'zod'
import { certificate, isMatching, isWhole, key, shownCertificate } from '../client-key'
import { ACTIONS, type Connector } from '../contract'
import { act, follow } from './actions'
import { test } from './check'
import { openConsole } from './console'
import { discover } from './discover'
import { snapshots } from './snapshots'
import { watch } from './watch'

/** Drivers of the server itself: an address with a host in it would lead the server elsewhere. `test` is libvirt's own mock hypervisor. */
const URIS = [
  'qemu:///system',
  'qemu:///session',
  'lxc:///system',
  'xen:///system',
  'ch:///system',
  'test:///default',
] as const

const settings = z.strictObject({ uri: z.enum(URIS).default('qemu:///system') })
/** Neither is needed on a unix socket, where the socket itself is the right. */
const secret = z
  .strictObject({ certificate: certificate.optional(), key: key.optional() })
  .refine(isWhole, 'A certificate and its key go together')
  .refine(isMatching, 'The key is not the one of this certificate')

/** libvirt: QEMU and KVM, and what else its daemon drives. */
export const LIBVIRT: Connector<z.infer<typeof settings>, z.infer<typeof secret>> = {
  id: 'libvirt',
  label: 'libvirt',
  capabilities: {
    finds: ['host', 'network', 'datastore', 'virtual_image', 'virtual_machine'],
    actions: ACTIONS,
    watches: true,
    activity: false,
    backups: false,
    console: 'screen',
  },
  endpoint: {
    schemes: ['tls', 'unix'],
    defaultPort: 16_514,
    placeholder: 'tls://kvm1.example.com:16514',
    hint: 'The server must listen there: systemctl enable --now libvirtd-tls.socket',
  },
  settings,
  secret,
  fields: [
    {
      name: 'uri',
      in: 'settings',
      label: 'Hypervisor',
      type: 'text',
      required: false,
      placeholder: 'qemu:///system',
      hint: `One of ${URIS.join(', ')}`,
    },
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
  snapshots,
  console: (context, { externalId }) => openConsole(context, externalId),
  act,
  follow,
}
