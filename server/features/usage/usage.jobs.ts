import { randomUUID } from 'node:crypto'
import { BUILT_IN_USER_ROLES } from '@/lib/permissions'
import { MASTER_TENANT_ID } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { sealMail, subjectOf } from '@/server/features/mail/mail.body'
import { wakeMail } from '@/server/features/mail/mail.wake'
import { warningMail } from './usage.words'

/** What wall.pool_warning_due() answers. */
interface Due {
  from: number
  to: 80 | 100
  used: number
  most: number
  sender: string
  /** Addresses. */
  people: string[]
}

/** Built-in roles that may change the installation's settings. */
const TOLD = Object.entries(BUILT_IN_USER_ROLES)
  .filter(([, levels]) => levels.settings === 'full')
  .map(([name]) => name)

/** Counts, every five minutes, and keeps the highest of the day; one on which no worker ran stays unknown. @returns how many tenants were counted */
export const countUsage = (): Promise<number> => systemValue<number, 'usage_count'>('usage_count', [])

/** Tells the provider's people that the pool of hosts has reached 80 or 100 per cent: once, until it has fallen below and risen again. */
export async function warnOfPool(): Promise<void> {
  const due = await systemValue<Due | null, 'pool_warning_due'>('pool_warning_due', [TOLD])
  if (!due) return
  const href = tenantOrigin(null, siteConfig()) + consolePaths('').usage
  const mails = due.people.map((to) => {
    const id = randomUUID()
    const mail = warningMail(to, due, href)
    const body = Buffer.from(sealMail(MASTER_TENANT_ID, id, mail)).toString('hex')
    return { id, recipient: to, subject: subjectOf(mail), body }
  })
  const told = await systemValue<boolean, 'pool_warning_tell'>('pool_warning_tell', [
    due.from,
    due.to,
    JSON.stringify(mails),
  ])
  if (told) wakeMail()
}

/** With every tick of the worker. */
export const usageTick = async (): Promise<void> => {
  await countUsage()
  await warnOfPool()
}
