import type { z } from 'zod'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { reachesFully } from '@/server/features/resources/resources.policy'
import { findOne, tagsOn } from '@/server/features/resources/resources.service'
import { denied } from '@/server/platform/errors'
import * as repo from './tags.repo'
import type * as schema from './tags.schema'

/** The tenant's tags on what the person sees, the commonest first. */
export async function listTags(op: SignedInOp, input: z.output<typeof schema.tagListInput>) {
  const rows = await inTenant(op, (tx) => repo.listTags(tx, viewerOf(op), input))
  return { rows }
}

/**
 * Makes these the acting tenant's tags on a resource that the person sees, whoever owns it: they are the tenant's own words.
 * A tag by which roles reach things is changed only by who may do everything with the thing (PRODUCT rule 8).
 * @throws AppError not_found, 403 naming the tag
 */
export function setTags(op: SignedInOp, { kind, id, tags: wanted }: z.output<typeof schema.setTagsInput>) {
  const tags = [...new Set(wanted)].sort()
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const row = await findOne(tx, { ...op, ...fresh }, kind, id)
      const before = await tagsOn(tx, op, id)
      const changed = [
        ...before.filter((tag) => !tags.includes(tag)),
        ...tags.filter((tag) => !before.includes(tag)),
      ]
      const [scoping] = reachesFully(row) ? [] : await repo.scopingTags(tx, op.tenant.id, changed)
      if (scoping !== undefined)
        throw denied(
          `The tag ${scoping} says what somebody's role reaches, and your roles do not let you do everything with ${row.name}`,
        )
      await repo.replaceTags(tx, op.tenant.id, id, tags)
      audit({
        targetKind: kind,
        targetId: id,
        targetName: row.name,
        before: { tags: before },
        after: { tags },
      })
      return { tags }
    },
    // What a role reaches by a tag may be lost by this.
    { exclusive: [op.tenant.id] },
  )
}
