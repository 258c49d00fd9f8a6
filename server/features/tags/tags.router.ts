import * as schema from '@/server/features/tags/tags.schema'
import * as tags from '@/server/features/tags/tags.service'
import { procedure, router } from '@/server/rpc/procedure'

export const tagsRouter = router({
  list: procedure({
    scope: 'self',
    audit: 'none',
    rest: { method: 'GET', path: '/api/v1/tags' },
    summary: "The tenant's tags on what the person sees",
  })
    .input(schema.tagListInput)
    .output(schema.tagList)
    .query(({ ctx, input }) => tags.listTags(ctx.op, input)),

  set: procedure({
    scope: 'tenant',
    permission: { ofKind: 'user' },
    audit: 'resource.tag',
    impersonating: 'allowed',
    ids: { id: 'resource' },
    rest: { method: 'POST', path: '/api/v1/resources/{kind}/{id}/tags' },
    summary: "Set the tenant's own tags on a resource that it sees",
  })
    .input(schema.setTagsInput)
    .output(schema.tagsOutput)
    .mutation(({ ctx, input }) => tags.setTags(ctx.op, input)),
})
