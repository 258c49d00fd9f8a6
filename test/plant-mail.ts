import type pg from 'pg'
import { seal } from '@/server/platform/seal'
import { canary, idOf } from '@/test/canary'
import { insert, tenantId } from '@/test/factories'

/** Ids of a mail that is kept for want of a mail server, and of one that the mail server refused. */
export const KEPT_MAIL = idOf('mail kept')
export const FAILED_MAIL = idOf('mail failed')

/** Two mails in Acme's name, which only the master sees; sealed with the installation's key. */
export async function plantMail(db: pg.Client, key: Buffer): Promise<void> {
  const tenant = tenantId('A')
  const text = JSON.stringify({ text: canary('M', 'mail text'), html: canary('M', 'mail html') })
  const mail = (id: string, status: string) => ({
    id,
    tenant_id: tenant,
    kind: 'notice',
    to_address: 'somebody@elsewhere.example',
    subject: canary('M', 'mail subject'),
    body: seal(key, { purpose: 'mail', tenantId: tenant, rowId: id }, text),
    status,
  })
  await insert(db, 'mail_message', [mail(KEPT_MAIL, 'kept'), mail(FAILED_MAIL, 'failed')])
}
