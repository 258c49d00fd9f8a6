import { randomUUID } from 'node:crypto'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Mutation } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { conflict, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { type Mail, openMail, sealMail, subjectOf } from './mail.body'
import * as repo from './mail.repo'
import type { ListMail, MailPage, MailRow, MailState } from './mail.schema'
import { mailServer } from './mail.server'
import { wakeMail } from './mail.wake'

/**
 * Queues a mail in the mutation that causes it: both happen or neither. It is sent after the commit.
 * @param tenantId in whose name; the tenant that the mutation acts in
 */
export const queueMail = (m: Pick<Mutation, 'tx' | 'after'>, tenantId: string, mail: Mail): Promise<void> =>
  queueMails(m, tenantId, [mail])

/** As queueMail, for many: one statement. */
export async function queueMails(
  { tx, after }: Pick<Mutation, 'tx' | 'after'>,
  tenantId: string,
  mails: readonly Mail[],
): Promise<void> {
  if (mails.length === 0) return
  const rows = mails.map((mail) => {
    const id = randomUUID()
    const body = Buffer.from(sealMail(tenantId, id, mail)).toString('hex')
    return { id, kind: mail.kind, to: mail.to, subject: subjectOf(mail), body }
  })
  await repo.insertMails(tx, tenantId, rows)
  after(() => Promise.resolve(wakeMail()))
}

/** As queueMail, for what happens for nobody who is signed in, such as a forgotten password. */
export async function queueMailAlone(tenantId: string, mail: Mail): Promise<void> {
  const id = randomUUID()
  const body = Buffer.from(sealMail(tenantId, id, mail))
  await systemValue<null, 'mail_queue'>('mail_queue', [
    id,
    tenantId,
    mail.kind,
    mail.to,
    subjectOf(mail),
    body,
  ])
  wakeMail()
}

const MANAGE = 'Your role may see mail, not send it'

/** Where mail goes. */
export function mailState(op: SignedInOp): MailState {
  const manage = can(op, 'mail', 'full')
  return { server: mailServer(), can: { manage }, why: { manage: manage ? undefined : MANAGE } }
}

const toRow = (m: repo.MailRecord): MailRow => ({
  id: m.id,
  kind: m.kind,
  to: m.to,
  subject: m.subject,
  tenant: { id: m.tenantId, name: m.tenantName },
  status: m.status,
  error: m.error,
  createdAt: m.createdAt.toISOString(),
  sentAt: m.sentAt?.toISOString() ?? null,
  readable: m.status === 'kept' && m.hasBody,
})

/** Mail of the last 30 days, the newest first. @throws AppError for a cursor of another list */
export async function listMail(op: SignedInOp, input: ListMail): Promise<MailPage> {
  const scope = `mail:${input.search}:${input.status.join()}`
  const position = readPosition(op, scope, input.cursor)
  return inTenant(op, async (tx) => {
    const found = await repo.listMail(tx, input, position)
    const { from, numberOf } = numbered(position, Math.min(found.length, input.limit))
    const page = pageOf(op, scope, found, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    return { ...page, rows: page.rows.map(toRow), from, ...totals(await repo.countMail(tx, input)) }
  })
}

/**
 * What a kept mail says. It may hold a link that lets its reader in, so that reading it stands in the log.
 * @throws AppError 404; 409 for one that was brought to whom it is for, or is to be
 */
export function readMail(op: SignedInOp, id: string) {
  return mutate(op, async ({ tx, audit }) => {
    const mail = await repo.findMail(tx, id)
    if (!mail) throw notFound()
    if (mail.status !== 'kept' || !mail.body)
      throw conflict('Only mail that is kept here for want of a mail server can be read here')
    audit({ targetKind: 'mail', targetId: id, targetName: mail.to, after: { subject: mail.subject } })
    return { id, to: mail.to, subject: mail.subject, ...openMail(mail.tenantId, id, mail.body) }
  })
}

/** Sends a mail that says nothing, to see whether it arrives. @throws AppError 403 */
export function sendTestMail(op: SignedInOp, to: string): Promise<{ to: string }> {
  const { name, id } = op.tenant
  return mutate(op, async (m) => {
    await queueMail(m, id, {
      kind: 'test',
      to,
      sender: name,
      subject: `Test mail from ${name}`,
      title: 'Mail arrives',
      lines: [`${op.actor.displayName} sent this to see whether mail of ${name} arrives. It does.`],
    })
    m.audit({ targetKind: 'mail', targetId: '', targetName: to })
    return { to }
  })
}

/** Tries a mail again that the server refused for good. @throws AppError 404; 409 when there is nothing left to send */
export function retryMail(op: SignedInOp, id: string): Promise<{ id: string }> {
  return mutate(op, async ({ tx, audit, after }) => {
    const mail = await repo.findMail(tx, id)
    if (!mail) throw notFound()
    if (!(await repo.retryMail(tx, id)))
      throw conflict('Only mail that failed within the last 7 days can be tried again')
    audit({ targetKind: 'mail', targetId: id, targetName: mail.to })
    after(() => Promise.resolve(wakeMail()))
    return { id }
  })
}
