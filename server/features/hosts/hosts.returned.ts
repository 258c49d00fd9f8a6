import { MASTER_TENANT_ID } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import type { SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import type { Mutation } from '@/server/db/scope'
import { callSystem } from '@/server/db/system'
import type { Mail } from '@/server/features/mail/mail.body'
import { queueMails } from '@/server/features/mail/mail.service'

/** Names that stand in a notice and in a log's row. */
export const MOST_NAMES = 50

export interface Returned {
  /** The tenant that used them. */
  from: string
  /** `ended`: it was deleted; else somebody took them back. */
  ended: boolean
  total: number
  /** The first ones, by name. */
  names: readonly string[]
}

/** Says that dedicated hosts are in the master's pool again. */
export function returnedMail(to: string, master: string, by: string, of: Returned): Mail {
  const { from, ended, total, names } = of
  const hosts = total === 1 ? `Host ${names[0] ?? ''}` : `${total.toLocaleString('en')} hosts`
  const rest = total - names.length
  return {
    kind: 'notice',
    to,
    sender: master,
    subject: `${total === 1 ? '1 host' : `${total.toLocaleString('en')} hosts`} came back from ${from}`,
    title: `${hosts} came back`,
    lines: [
      ended
        ? `${from} was deleted by ${by}, so the hosts that were dedicated to it are in your pool again.`
        : `${by} took back what was dedicated to ${from}: it is in your pool again.`,
      `${names.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en')} more` : ''}`,
      'Their agents stay and report to you. What the tenant left on the machines is still there: clear it before somebody else gets them.',
    ],
    action: { label: 'See the hosts', href: tenantOrigin(null, siteConfig()) + consolePaths('').hosts },
    notes: [`You get this because you administer ${master}.`],
  }
}

/** Tells everybody who administers the master that dedicated hosts came back; in the mutation that took them back. */
export async function tellOfReturn(
  m: Pick<Mutation, 'tx' | 'after'>,
  op: SignedInOp,
  of: Returned,
): Promise<void> {
  if (of.total === 0) return
  const people = await callSystem<{ tenant: string; email: string }, 'break_glass_told'>('break_glass_told', [
    MASTER_TENANT_ID,
  ])
  const mails = people.map(({ tenant, email }) => returnedMail(email, tenant, op.actor.displayName, of))
  await queueMails(m, MASTER_TENANT_ID, mails)
}
