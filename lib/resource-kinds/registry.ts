import { BARE_METAL } from './bare-metal'
import { BLUEPRINT } from './blueprint'
import { BOOT_ENVIRONMENT } from './boot-environment'
import { CLOUD } from './cloud'
import { DATASTORE } from './datastore'
import { FOLDER } from './folder'
import { HOST } from './host'
import { INSTANCE_TYPE } from './instance-type'
import type { ResourceKind, Section } from './kind'
import { NETWORK } from './network'
import { PACKAGE } from './package'
import { POLICY } from './policy'
import { PRICE } from './price'
import { PROFILE } from './profile'
import { RESOURCE_POOL } from './resource-pool'
import { VIRTUAL_IMAGE } from './virtual-image'
import { VIRTUAL_MACHINE } from './virtual-machine'
import { WORKFLOW } from './workflow'

/** Every kind, in the order of the menu. */
export const KINDS: readonly ResourceKind[] = [
  CLOUD,
  HOST,
  VIRTUAL_MACHINE,
  BARE_METAL,
  NETWORK,
  DATASTORE,
  RESOURCE_POOL,
  FOLDER,
  VIRTUAL_IMAGE,
  BLUEPRINT,
  INSTANCE_TYPE,
  PROFILE,
  BOOT_ENVIRONMENT,
  PACKAGE,
  WORKFLOW,
  POLICY,
  PRICE,
]

const BY_KIND = new Map(KINDS.map((one) => [one.kind, one]))

/** The descriptor of a stored kind; undefined where it is unknown (a newer version wrote it). */
export const kindOf = (kind: string): ResourceKind | undefined => BY_KIND.get(kind)

/** The kind at /<section>/<slug>. */
export const kindAt = (section: string, slug: string): ResourceKind | undefined =>
  KINDS.find((one) => one.section === (section as Section) && one.slug === slug)

/** What a kind is called where it has no descriptor: as it is stored. */
export const labelOfKind = (kind: string): string => kindOf(kind)?.label ?? kind
