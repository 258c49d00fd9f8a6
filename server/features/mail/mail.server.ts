import nodemailer, { type Transporter } from 'nodemailer'
import { env } from '@/server/platform/env'

/** The mail server as the environment names it; null: there is none, and mail is kept for whoever runs the installation. */
export function mailServer(): { host: string; from: string } | null {
  const { SMTP_URL } = env()
  return SMTP_URL ? { host: new URL(SMTP_URL).hostname, from: mailFrom() } : null
}

const mailFrom = (): string => env().MAIL_FROM ?? `freehold@${env().BASE_DOMAIN}`

let transport: Transporter | null = null

function transporter(url: string): Transporter {
  transport ??= nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return transport
}

interface Outgoing {
  id: string
  to: string
  subject: string
  /** Name beside the address: the tenant's. */
  senderName: string
  text: string
  html: string
}

/** Hands one mail to the server. The message id is the row's: sent twice after a crash, it is recognised as the same. @throws Error of the server */
export async function deliver({ id, to, subject, senderName, text, html }: Outgoing): Promise<void> {
  const { SMTP_URL, BASE_DOMAIN } = env()
  if (!SMTP_URL) throw new Error('there is no mail server')
  await transporter(SMTP_URL).sendMail({
    from: { name: senderName, address: mailFrom() },
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${BASE_DOMAIN}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  })
}

/** Closes what is open to the mail server: at the end of the process, and between tests. */
export function closeMailServer(): void {
  transport?.close()
  transport = null
}
