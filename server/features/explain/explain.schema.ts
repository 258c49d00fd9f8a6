import { z } from 'zod'
import { VERBS } from '@/lib/access'
import { LEVELS, PERMISSION_NAMES } from '@/lib/permissions'
import { KINDS } from '@/lib/resource-kinds/registry'
import { LINKS } from '@/server/authz/explain/mend'

const id = z.uuid('Not an id')
const about = {
  /** A resource, by its id. */
  id: id.optional(),
  verb: z.enum(VERBS).default('see'),
  /** Or a permission, at a level. */
  permission: z.enum(PERMISSION_NAMES).optional(),
  level: z.enum(LEVELS).exclude(['none']).default('read'),
}
type About = { id?: string; permission?: unknown }
const oneOf = ({ id, permission }: About) => (id === undefined) !== (permission === undefined)
const NEEDS_ONE = { message: 'Name a resource or a permission', path: ['id'] }

export const explainOwnInput = z.strictObject(about).refine(oneOf, NEEDS_ONE)
export const explainPersonInput = z.strictObject({ ...about, userId: id }).refine(oneOf, NEEDS_ONE)
export const explainAsProviderInput = z
  .strictObject({ ...about, userId: id, tenantId: id })
  .refine(oneOf, NEEDS_ONE)
export type ExplainInput = z.output<typeof explainOwnInput>

const remedy = z.strictObject({
  link: z.enum(LINKS),
  /** Kind of change, for programs. */
  code: z.string(),
  /** Level that a role or tenant role is to have; null where the change is another. */
  level: z.enum(LEVELS).nullable(),
  /** What to do, in words. */
  words: z.string(),
  /** Page where it is done, below the tenant's root; null: somebody else does it, or there is no page. */
  href: z.string().nullable(),
  /** The thing can be assigned at once. */
  assign: z.boolean(),
})
export const explanation = z.strictObject({
  /** False: nothing with this id is there, or not for this tenant to know. */
  found: z.boolean(),
  allowed: z.boolean(),
  /** The answer in a sentence. */
  summary: z.string(),
  /** What a person who cannot mend it is to ask for, and of whom. */
  ask: z.string().nullable(),
  thing: z.strictObject({ id, kind: z.string(), name: z.string() }).nullable(),
  /** Each link of the chain, in order. */
  chain: z.array(
    z.strictObject({
      link: z.enum(LINKS),
      label: z.string(),
      state: z.enum(['holds', 'missing', 'none']),
      words: z.string(),
    }),
  ),
  remedies: z.array(remedy),
  /** Other changes that would do as well as the ones above. */
  otherWays: z.array(remedy),
  /** What of the thing is allowed. */
  verbs: z.array(z.strictObject({ verb: z.enum(VERBS), allowed: z.boolean() })),
})
export type ExplanationView = z.output<typeof explanation>

export const explainEmptyInput = z.strictObject({
  kind: z.enum(KINDS.map(({ kind }) => kind) as [string, ...string[]], 'Unknown kind'),
})
export const emptiness = z.strictObject({
  /** Why a list of the kind can be empty for this person. */
  words: z.string(),
})
