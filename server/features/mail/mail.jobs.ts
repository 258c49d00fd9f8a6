import { callSystem, systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'
import { openMail } from './mail.body'
import { deliver, mailServer } from './mail.server'

interface Claimed {
  id: string
  tenant_id: string
  to_address: string
  subject: string
  body: Buffer | null
  attempts: number
  sender: string
}

/** Seconds until each further attempt; after the last it has failed for good (about 15 hours). */
const RETRY_SECONDS = [60, 300, 1800, 7200, 14_400, 28_800]
const AT_ONCE = 10

let running: Promise<number> | null = null

/** Sends what is due, at most once at a time in this process. @returns how many were taken up */
export function sendMail(): Promise<number> {
  running ??= work().finally(() => {
    running = null
  })
  return running
}

async function work(): Promise<number> {
  for (let n = 0; ;) {
    const claimed = await callSystem<Claimed, 'mail_claim'>('mail_claim', [AT_ONCE])
    if (claimed.length === 0) return n
    n += claimed.length
    await Promise.all(claimed.map(sendOne))
  }
}

async function sendOne(mail: Claimed): Promise<void> {
  const done = (status: string, error = '', retry: number | null = null) =>
    systemValue<null, 'mail_done'>('mail_done', [mail.id, status, error, retry])
  if (!mailServer()) return void (await done('kept'))
  try {
    if (!mail.body) throw new Error('there is nothing left to send')
    const { id, to_address: to, subject, sender: senderName } = mail
    await deliver({ id, to, subject, senderName, ...openMail(mail.tenant_id, mail.id, mail.body) })
    await done('sent')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    log().warn({ mail: mail.id, attempt: mail.attempts, why }, 'mail was not sent')
    const retry = isRefused(error) ? undefined : RETRY_SECONDS[mail.attempts - 1]
    await done(retry === undefined ? 'failed' : 'queued', why, retry ?? null)
  }
}

/** 5xx: the server will say the same the next time. */
const isRefused = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'responseCode' in error &&
  Number(error.responseCode) >= 500 &&
  !('code' in error && error.code === 'EAUTH')

/** Forgets what mail said after 7 days, and that there was any after 30. */
export const forgetMail = (): Promise<null> => systemValue<null, 'mail_purge'>('mail_purge', [])
