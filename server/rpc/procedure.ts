import { initTRPC } from '@trpc/server'
import { assertAllowed } from '@/server/authz/assert'
import type { OpContext, SignedInOp } from '@/server/context/op'
import { auditDenial } from '@/server/rpc/audit-denial'
import { type Declaration, type KindDeclaration, resolvePermission } from '@/server/rpc/declaration'
import { errorBody, toTrpc } from '@/server/rpc/errors'
import { log } from '@/server/platform/log'

/** What a call comes with. `resHeaders`: headers of the answer, for the one procedure that sets a cookie; a page has none. */
export interface RpcContext {
  op: OpContext
  resHeaders?: Headers
}

const t = initTRPC
  .context<RpcContext>()
  .meta<KindDeclaration>()
  .create({
    isDev: false, // never a stack in an answer
    errorFormatter: ({ shape, error, ctx }) => {
      const body = errorBody(error)
      return {
        ...shape,
        message: body.message,
        data: { ...shape.data, path: undefined, body: { ...body, requestId: ctx?.op.requestId } },
      }
    },
  })

export const router = t.router
export const createCallerFactory = t.createCallerFactory

// Not as an assertion: a public procedure has nobody signed in, and its type must say so.
const authorise: (op: OpContext, declaration: Declaration) => void = assertAllowed

/** The kind that the input names, before it is checked. */
const kindIn = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined

const guarded = (declaration: KindDeclaration) =>
  t.procedure.meta(declaration).use(async ({ ctx, next, path, type, getRawInput }) => {
    // Read early only where the permission depends on it: what cannot be read at all is refused after the caller is known.
    const byKind = declaration.permission !== undefined && 'ofKind' in declaration.permission
    const input = byKind ? await getRawInput().catch(() => undefined) : undefined
    const resolved = resolvePermission(declaration, kindIn(input))
    const op: OpContext = { ...ctx.op, call: { name: path, declaration: resolved, audited: false } }
    try {
      authorise(op, resolved)
    } catch (error) {
      await auditDenial(op, type, error)
      throw toTrpc(error)
    }
    const result = await next({ ctx: { op } })
    if (!result.ok) {
      const mapped = toTrpc(result.error)
      const body = errorBody(mapped)
      if (body.status >= 500)
        log().error(
          { err: result.error.cause ?? result.error, procedure: path, requestId: op.requestId },
          'procedure failed',
        )
      await auditDenial(op, type, result.error.cause)
      throw mapped
    }
    // Rule 15, enforced: a mutation that told the audit log nothing is a bug, found by the first test that calls it.
    if (type === 'mutation' && !op.call?.audited) throw new Error(`${path}: mutation without an audit row`)
    return result
  })

/** A procedure by its declaration, for a signed-in person: `ctx.op` has tenant, actor and session. */
export function procedure(declaration: KindDeclaration & { scope: 'self' | 'tenant' | 'master' }) {
  return guarded(declaration).use(({ ctx, next }) => next({ ctx: { op: ctx.op as SignedInOp } }))
}

/** A procedure that nobody needs to sign in for. */
export function publicProcedure(declaration: KindDeclaration & { scope: 'public' }) {
  return guarded(declaration)
}
