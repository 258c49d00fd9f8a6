import type { z } from 'zod'
import { viewerOf } from '@/server/authz/sight'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { tenantChoices } from '@/server/features/tenants/tenants.service'
import * as filters from './resource-filters.repo'
import { mayHandOut } from './resources.policy'
import type { resourceFilters } from './resources.schema'
import { descriptorOf, optionsOf } from './resources.service'

/** What the list of a kind can be narrowed to, as far as the person may know of it. */
export async function filtersOf(op: SignedInOp, kind: string): Promise<z.output<typeof resourceFilters>> {
  const clouds = descriptorOf(kind).inCloud ? (await optionsOf(op, kind, 'cloud', '')).rows : []
  const mayGroup = can(op, 'groups', 'read')
  const own = await inTenant(op, async (tx) => ({
    groups: mayGroup ? await filters.groupsOf(tx, viewerOf(op)) : [],
    tags: await filters.tagsOf(tx, viewerOf(op)),
  }))
  const tenants = mayHandOut(op, kind).allowed ? await tenantChoices(op, '') : []
  return {
    ...own,
    clouds: clouds.map(({ id, name }) => ({ id, name })),
    tenants: tenants.map(({ id, name }) => ({ id, name })),
  }
}
