import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { MAIL_KINDS } from './mail.body'

const iso = z.iso.datetime()
export const MAIL_STATUS = ['queued', 'sending', 'sent', 'failed', 'kept'] as const

export const mailId = z.strictObject({ id: z.uuid() })
export const listMail = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
  status: z.array(z.enum(MAIL_STATUS)).max(5).default([]),
})
export type ListMail = z.output<typeof listMail>
export const mailRow = z.strictObject({
  id: z.uuid(),
  kind: z.enum(MAIL_KINDS),
  to: z.string(),
  subject: z.string(),
  /** In whose name. */
  tenant: z.strictObject({ id: z.uuid(), name: z.string() }),
  status: z.enum(MAIL_STATUS),
  error: z.string(),
  createdAt: iso,
  sentAt: iso.nullable(),
  /** Whether it can be read here: only where there is no mail server to bring it to whom it is for. */
  readable: z.boolean(),
})
export type MailRow = z.output<typeof mailRow>
export const mailPage = pageOutput(mailRow).extend({ from: z.int() })
export type MailPage = z.output<typeof mailPage>

export const mailText = mailId.extend({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
})
export const mailStatus = z.strictObject({
  /** Null: no mail server is set; mail is kept here for 7 days. */
  server: z.strictObject({ host: z.string(), from: z.string() }).nullable(),
  can: z.strictObject({ manage: z.boolean() }),
  why: z.strictObject({ manage: z.string().optional() }),
})
export type MailState = z.output<typeof mailStatus>
export const testMail = z.strictObject({
  to: z.email('Enter an e-mail address, such as ada@example.com').max(254),
})
