import { z } from 'zod'
import { resolveTenant } from '@/lib/host'
import { slugOf } from '@/server/context/build'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { isSigned } from '@/server/features/boot/boot-address'
import { type BootSource, ipxeScript } from '@/server/features/boot/ipxe'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { notFound } from '@/server/platform/errors'

const query = z.strictObject({
  exp: z.string().regex(/^\d{10,12}$/),
  sig: z.string().regex(/^[0-9a-f]{64}$/),
  machine: z.uuid().optional(),
})

/**
 * The script behind a signed address. The signature is worth something for this environment, machine and tenant only, and only
 * while the tenant uses the environment: whatever is wrong, there is nothing here (attack A17).
 */
async function boot({ request, facts, params }: RouteCall): Promise<Response> {
  const host = resolveTenant(facts.host, facts.path, siteConfig())
  const asked = query.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (!asked.success) throw notFound()
  // What is no tenant and no id was never signed.
  const claim = {
    slug: slugOf(host) ?? '',
    environment: params.id ?? '',
    machine: asked.data.machine ?? null,
    expires: Number(asked.data.exp),
  }
  if (!isSigned(claim, asked.data.sig, Date.now() / 1000)) throw notFound()
  const source = await systemValue<BootSource | null, 'boot_source'>('boot_source', [
    claim.slug,
    claim.environment,
    claim.machine,
  ])
  if (!source) throw notFound()
  return new Response(ipxeScript(source), {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}

/** What a server loads over the network before it has any credential. */
export const bootScript: HttpRoute = {
  name: 'boot.script',
  method: 'GET',
  path: '/api/boot/:id',
  declaration: {
    scope: 'public',
    audit: 'none',
    ids: { id: 'resource' },
    summary: 'The iPXE script of a boot environment, at a signed address',
  },
  maxBody: 0,
  bare: true,
  errors: 'text',
  handle: boot,
}
