import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { Mail } from '@/server/features/mail/mail.body'
import { forgetMail, sendMail } from '@/server/features/mail/mail.jobs'
import { mailRouter } from '@/server/features/mail/mail.router'
import { closeMailServer } from '@/server/features/mail/mail.server'
import { queueMailAlone } from '@/server/features/mail/mail.service'
import { startSmtp } from '@/server/features/mail/smtp.fixture'
import * as environment from '@/server/platform/env'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { FAILED_MAIL, KEPT_MAIL } from '@/test/plant-mail'

const factory = createCallerFactory(router({ mail: mailRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterEach(() => {
  vi.restoreAllMocks()
  closeMailServer()
})
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) }).mail
const withServer = (SMTP_URL: string) => {
  const now = environment.env()
  vi.spyOn(environment, 'env').mockReturnValue({ ...now, SMTP_URL })
}
const mail: Mail = {
  kind: 'notice',
  to: 'lea@acme.example',
  sender: 'Acme & Söhne "North"',
  subject: 'Hello\r\nBcc: evil@example.com',
  title: 'A <b>title</b>',
  lines: ['First line', 'Second & last'],
  action: { label: 'Open', href: 'http://acme.localhost:3000/x#abc' },
}
const rows = async () =>
  (
    await world.admin.query<{
      status: string
      body: Buffer | null
      attempts: number
      error: string
      waits: boolean
    }>(
      "select status, body, attempts, error, next_at > now() as waits from mail_message where to_address = 'lea@acme.example'",
    )
  ).rows

test('goes out in both forms, in the tenant’s name, and is wiped', async () => {
  const smtp = await startSmtp()
  withServer(smtp.url)
  await queueMailAlone(tenantId('A'), mail)
  expect((await rows())[0]?.body?.includes('First line')).toBe(false) // sealed
  await sendMail()
  await smtp.stop()
  const [got] = smtp.inbox
  expect(smtp.inbox).toHaveLength(1)
  expect(got).toMatchObject({
    to: ['lea@acme.example'],
    subject: 'Hello Bcc: evil@example.com',
    from: '"Acme" <freehold@localhost>',
  })
  expect(got?.text).toContain('http://acme.localhost:3000/x#abc')
  expect(got?.html).toContain('A &#60;b&#62;title')
  expect(got?.html).not.toContain('<b>title')
  expect(await rows()).toEqual([{ status: 'sent', body: null, attempts: 1, error: '', waits: false }])
})

test('is tried again when the server is away or busy, and given up when it says no', async () => {
  const answers = ['450 Later', '550 No such mailbox']
  const smtp = await startSmtp(() => answers.shift() ?? null)
  withServer(smtp.url)
  await queueMailAlone(tenantId('A'), mail)
  await sendMail()
  expect(await rows()).toMatchObject([{ status: 'queued', attempts: 1, waits: true }])
  await world.admin.query('update mail_message set next_at = now()')
  await sendMail()
  expect(await rows()).toMatchObject([
    { status: 'failed', attempts: 2, error: expect.stringContaining('550') },
  ])
  await smtp.stop()
})

test('is sent once by two workers, and taken over from one that died', async () => {
  const smtp = await startSmtp()
  withServer(smtp.url)
  for (let i = 0; i < 12; i++) await queueMailAlone(tenantId('A'), mail)
  await world.admin.query(
    "update mail_message set status = 'sending', next_at = now() - interval '1 second' where to_address = 'lea@acme.example'",
  )
  await Promise.all([sendMail(), sendMail()])
  await smtp.stop()
  expect(new Set(smtp.inbox.map(({ messageId }) => messageId)).size).toBe(12)
  expect(smtp.inbox).toHaveLength(12)
})

test('without a mail server it is kept, read with an audit row, and forgotten', async () => {
  await queueMailAlone(tenantId('A'), mail)
  await sendMail()
  const mara = await api('Mara')
  expect(await mara.state()).toMatchObject({ server: null, can: { manage: true } })
  const { rows: list } = await mara.list({ search: 'lea@' })
  expect(list).toMatchObject([{ status: 'kept', readable: true, tenant: { name: 'Acme' } }])
  const id = list[0]?.id ?? ''
  expect(await mara.read({ id })).toMatchObject({ text: expect.stringContaining('First line') as string })
  const { rows: log } = await world.admin.query(
    "select tenant_id, target_name, after from audit_event where event = 'mail.read'",
  )
  expect(log).toEqual([
    {
      tenant_id: MASTER_TENANT_ID,
      target_name: 'lea@acme.example',
      after: { subject: 'Hello Bcc: evil@example.com' },
    },
  ])
  await world.admin.query("update mail_message set created_at = now() - interval '8 days'")
  await forgetMail()
  expect(await refusal(mara.read({ id }))).toMatchObject({ code: 'conflict' })
  await world.admin.query("update mail_message set created_at = now() - interval '31 days'")
  await forgetMail()
  expect(await refusal(mara.read({ id }))).toMatchObject({ code: 'not_found' })
})

test('what is on its way or arrived is not read here; what failed can be tried again', async () => {
  const mara = await api('Mara')
  expect(await refusal(mara.read({ id: FAILED_MAIL }))).toMatchObject({ code: 'conflict' })
  expect(await refusal(mara.retry({ id: KEPT_MAIL }))).toMatchObject({ code: 'conflict' })
  expect(await mara.retry({ id: FAILED_MAIL })).toEqual({ id: FAILED_MAIL })
  expect((await mara.list({ status: ['queued'] })).rows.map(({ id }) => id)).toEqual([FAILED_MAIL])
})

test('only who holds the permission in the master sees mail; a test mail goes to whom it says', async () => {
  for (const name of ['Sam', 'Ada'] as const)
    expect(await refusal((await api(name)).list({}))).toMatchObject({ code: 'access_denied' })
  const mara = await api('Mara')
  expect(await mara.test({ to: 'mara@msp.example' })).toEqual({ to: 'mara@msp.example' })
  expect(await refusal(mara.test({ to: 'a@b.example,c@d.example' }))).toMatchObject({
    code: 'ZodError',
  })
  expect((await mara.list({ search: 'Test mail' })).rows).toMatchObject([{ to: 'mara@msp.example' }])
})
