import { buildContext } from '@/server/context/build'
import { database } from '@/server/db/runtime'
import { openMail } from '@/server/features/mail/mail.body'
import { allInvitationsRouter } from '@/server/features/invitations/invitations.all.router'
import { invitationsRouter, tenantInvitationsRouter } from '@/server/features/invitations/invitations.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { type PersonName, TENANTS, type TenantKey } from '@/test/actors'
import type { World } from '@/test/world'

const factory = createCallerFactory(
  router({
    invitations: invitationsRouter,
    tenantInvitations: tenantInvitationsRouter,
    allInvitations: allInvitationsRouter,
  }),
)

/** Who invites, who is invited, and what is mailed, in a world. */
export function inviting(world: () => World) {
  const as = async (name: PersonName) => factory({ op: await world().opOf(name) })
  /** Whoever opens a link on a tenant's host. */
  const visitor = async (key: TenantKey, resHeaders = new Headers()) => {
    const slug = TENANTS[key].slug
    const host = key === 'M' ? 'localhost:3000' : `${slug}.localhost:3000`
    const facts = { ...world().factsOf('nobody'), host, cookie: null }
    return factory({ op: await buildContext(facts), resHeaders }).invitations
  }
  /** The newest mail to an address: the link in it, and its token. */
  const mailTo = async (to: string) => {
    const { rows } = await world().admin.query<{
      id: string
      tenant_id: string
      body: Buffer
      subject: string
    }>(
      'select id, tenant_id, body, subject from mail_message where to_address = $1 order by created_at desc limit 1',
      [to],
    )
    const [mail] = rows
    if (!mail) throw new Error(`no mail to ${to}`)
    const { text } = openMail(mail.tenant_id, mail.id, mail.body)
    const link = /http\S+/.exec(text)?.[0] ?? ''
    return { text, subject: mail.subject, link, token: link.split('#')[1] ?? '' }
  }
  const invite = async (by: PersonName, email: string, roleId?: string) => {
    await (await as(by)).invitations.create({ lines: [{ email }], roleId })
    return (await mailTo(email)).token
  }
  return { as, visitor, mailTo, invite, key: () => database().key }
}

export const NEW = { username: 'lea', password: 'a good long password 7', confirm: 'a good long password 7' }
