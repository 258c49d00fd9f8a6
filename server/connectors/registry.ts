import type { Connector } from '@/server/connectors/contract'
import { DOCKER } from '@/server/connectors/docker'
import { INCUS } from '@/server/connectors/incus'
import { OPENSTACK } from '@/server/connectors/openstack'
import { PROXMOX } from '@/server/connectors/proxmox'

/** Every connector, in the order in which they are offered. */
export const CONNECTORS: readonly Connector[] = [PROXMOX, INCUS, DOCKER, OPENSTACK] as readonly Connector[]

const BY_ID = new Map(CONNECTORS.map((one) => [one.id, one]))

/** @returns undefined for one that this version does not know */
export const connectorOf = (id: string): Connector | undefined => BY_ID.get(id)
