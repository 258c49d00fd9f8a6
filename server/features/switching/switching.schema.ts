import { z } from 'zod'

const slug = z.string().max(63)
const next = z.string().max(2048)

/** POST /api/switch; `next` is a path inside the tenant, without its prefix. */
export const switchInput = z.strictObject({ tenant: z.uuid('Not an id'), next: next.optional() })

/** GET /api/switch/begin: whence, who comes (signPerson), and where to. */
export const switchBeginInput = z.strictObject({
  from: slug,
  as: z.string().max(200),
  next: next.default(''),
})

/** GET /api/switch/continue: whose nonce it is, by its hash. */
export const switchContinueInput = z.strictObject({ tenant: slug, n: z.string().regex(/^[0-9a-f]{64}$/) })

/** GET /api/switch/finish */
export const switchFinishInput = z.strictObject({
  code: z.string().regex(/^[\w-]{43}$/),
  next: next.default(''),
})

export const myTenantsInput = z.strictObject({
  search: z.string().trim().max(200).default(''),
  limit: z.int().min(1).max(50).default(20),
})

export const myTenant = z.strictObject({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  icon: z.string(),
  /** The one that this request acts in. */
  current: z.boolean(),
  /** Where the person's account lives. */
  home: z.boolean(),
  isMaster: z.boolean(),
  /** Last sign-in or switch, as far as the last weeks know of one. */
  lastAt: z.iso.datetime().nullable(),
})
export type MyTenant = z.output<typeof myTenant>

export const myTenantsOutput = z.strictObject({
  /** Lately used ones first, then by name. */
  rows: z.array(myTenant).max(50),
  total: z.int(),
  totalCapped: z.boolean(),
})
export type MyTenants = z.output<typeof myTenantsOutput>

export const myTenantInput = z.strictObject({ id: z.uuid('Not an id') })
export const myTenantOutput = myTenant.pick({
  id: true,
  slug: true,
  name: true,
  icon: true,
  current: true,
  isMaster: true,
})

export const severalOutput = z.strictObject({ several: z.boolean() })
