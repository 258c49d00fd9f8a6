import { z } from 'zod'
import { verdict } from '@/server/features/resources/resources.schema'

const id = z.uuid('Not an id')
const kind = z.enum(['screen', 'terminal'])

export const consoleIdInput = z.strictObject({ id })

/** Whether a machine has a console, and whether it may be opened now. */
export const consoleView = z.strictObject({
  name: z.string(),
  /** Null where its cloud has none to give. */
  kind: kind.nullable(),
  may: verdict,
})
export type ConsoleView = z.output<typeof consoleView>
export type ConsoleKind = z.output<typeof kind>

export const consoleTicket = z.strictObject({
  id,
  name: z.string(),
  kind,
  /** Opens it once, within half a minute, in this session: the first message to /api/console. */
  ticket: z.string(),
})
