import { openMail } from '@/server/features/mail/mail.body'

type Sql = <T extends object>(text: string, values?: unknown[]) => Promise<T[]>

interface Row {
  id: string
  tenant_id: string
  kind: string
  to_address: string
  subject: string
  body: Buffer
}

/** What was queued for an address, oldest first, as its reader would read it; a link's page and token apart. */
export async function mailbox(sql: Sql, address: string) {
  const rows = await sql<Row>('select * from mail_message where to_address = $1 order by created_at, id', [
    address,
  ])
  return rows.map((row) => {
    const { text, html } = openMail(row.tenant_id, row.id, row.body)
    const link = /https?:\/\/\S+/.exec(text)?.[0] ?? ''
    const [page = '', token = ''] = link.split('#')
    return { kind: row.kind, tenantId: row.tenant_id, subject: row.subject, text, html, page, token }
  })
}
