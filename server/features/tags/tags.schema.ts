import { z } from 'zod'
import { pageInput } from '@/server/platform/page-schema'
import { kindInput } from '@/server/features/resources/resources.schema'

const id = z.uuid('Not an id')
/** As the database has it (resource_tag_tag_check). */
const tag = z
  .string()
  .trim()
  .toLowerCase()
  .max(60, 'At most 60 characters')
  .regex(
    /^[a-z0-9][a-z0-9 ._:/-]*$/,
    'A tag begins with a letter or digit and has letters, digits, spaces and . _ : / - only',
  )

export const setTagsInput = z.strictObject({
  kind: kindInput.shape.kind,
  id,
  tags: z.array(tag).max(20, 'At most 20 tags'),
})
export const tagsOutput = z.strictObject({ tags: z.array(z.string()) })
export const tagListInput = z.strictObject({
  search: pageInput.search,
  /** Only tags of this kind's resources. */
  kind: kindInput.shape.kind.optional(),
  limit: z.int().min(1).max(100).default(100),
})
export const tagList = z.strictObject({
  /** The tenant's tags with how much carries each, as far as the person sees it; the commonest first. */
  rows: z.array(z.strictObject({ tag: z.string(), count: z.int() })).max(100),
})
