import { z } from 'zod'
import { MOST_NETWORKS, networkProblem, NOTE_LENGTH } from '@/lib/networks'
import { line } from '@/server/features/users/users.schema'

const networkLine = z
  .strictObject({ network: z.string().trim().max(80), note: z.string().trim().max(200).default('') })
  .superRefine((value, issue) => {
    const problem = networkProblem(value)
    if (problem !== null) issue.addIssue({ code: 'custom', message: problem })
    else if (!line(NOTE_LENGTH).safeParse(value.note).success)
      issue.addIssue({ code: 'custom', message: 'A note is one line of text.' })
  })
const lines = z.array(networkLine).max(MOST_NETWORKS, `At most ${MOST_NETWORKS} lines.`)

/** `knowing`: that it shuts out the address that one is at. */
export const setAllowList = z.strictObject({ lines, knowing: z.boolean().default(false) })
export type SetAllowList = z.output<typeof setAllowList>

export const tenantInput = z.strictObject({ id: z.uuid() })
export const setAllowListOf = z.strictObject({ id: z.uuid(), lines })
export const accountInput = z.strictObject({ userId: z.uuid() })

const storedLine = z.strictObject({ network: z.string(), note: z.string() })
const person = z.strictObject({ userId: z.uuid(), name: z.string(), username: z.string() })

export const allowList = z.strictObject({
  /** None: from anywhere. */
  lines: z.array(storedLine).max(MOST_NETWORKS),
  /** From where this is asked. */
  address: z.string(),
  accounts: z
    .array(
      person.extend({
        /** Whether it gets in now, by a password of its own. */
        works: z.boolean(),
        appointedBy: z.string(),
        appointedAt: z.iso.datetime(),
      }),
    )
    .max(2),
  /** Who could be appointed, for who may. */
  candidates: z.array(person).max(100),
  can: z.strictObject({ set: z.boolean(), appoint: z.boolean() }),
  why: z.strictObject({ set: z.string().optional(), appoint: z.string().optional() }),
})
export type AllowList = z.output<typeof allowList>

export const allowListOf = z.strictObject({ lines: z.array(storedLine).max(MOST_NETWORKS) })
export type AllowListOf = z.output<typeof allowListOf>
