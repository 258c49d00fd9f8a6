import 'server-only'
import type { OpContext } from '@/server/context/op'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'

const factory = createCallerFactory(appRouter)

/** The procedures, called from a page: each authorises itself by its declaration, whatever the page forgot. */
export const caller = (op: OpContext) => factory({ op })
