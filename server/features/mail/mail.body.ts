import { database } from '@/server/db/runtime'
import { layOut, type MailBody, type MailContent, oneLine } from '@/server/features/mail/mail.templates'
import { seal, unseal } from '@/server/platform/seal'

/** What mail is about: shown in the list of mail, and never what it says. */
export const MAIL_KINDS = [
  'invitation',
  'password_reset',
  'verify_email',
  'sign_up',
  'notice',
  'test',
] as const
export type MailKind = (typeof MAIL_KINDS)[number]

/** A mail as a feature writes it. `to`: one address, checked already. */
export interface Mail extends MailContent {
  kind: MailKind
  to: string
}

const placeOf = (tenantId: string, rowId: string) => ({ purpose: 'mail', tenantId, rowId })

/** The laid-out body, sealed for this row of this tenant: it holds links that let people in. */
export const sealMail = (tenantId: string, id: string, mail: Mail): Uint8Array<ArrayBuffer> =>
  new Uint8Array(seal(database().key, placeOf(tenantId, id), JSON.stringify(layOut(mail))))

/** @throws Error when it was sealed elsewhere or with another secret */
export const openMail = (tenantId: string, id: string, body: Uint8Array): MailBody =>
  JSON.parse(unseal(database().key, placeOf(tenantId, id), body)) as MailBody

export const subjectOf = (mail: Pick<Mail, 'subject'>): string => oneLine(mail.subject)
