import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { answersSettled } from '@/server/platform/after-answer'

export const MAIN = 'http://localhost:3000'
export const at = (slug: string) => `http://${slug}.localhost:3000`
export const PERSON = {
  username: 'nia',
  firstName: 'Nia',
  lastName: 'Okafor',
  password: 'violet-kettle-ridge-7',
  confirm: 'violet-kettle-ridge-7',
}
let visitors = 0

/** A visitor from an address of their own: what others tried does not count for them. */
export const visitor = (ip = `198.51.${100 + Math.floor(++visitors / 250)}.${visitors % 250}`) =>
  new Browser(dispatch, ip)

export interface Answer {
  status: number
  body: {
    ok?: boolean
    error?: string
    message?: string
    next?: string
    fields?: Record<string, string>
    [key: string]: unknown
  }
}

/** What visitors do, over HTTP. */
export function signingUp(world: () => SignInWorld) {
  const post = async (path: string, body: object, b = visitor(), base = MAIN): Promise<Answer> => {
    const response = await b.post(`${base}/api/sign-up${path}`, body)
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  const ask = async (fields: object = {}, b = visitor(), base = MAIN) => {
    const answer = await post(
      '',
      { name: 'North Wind', slug: 'north-wind', email: 'nia@north.example', ...fields },
      b,
      base,
    )
    await answersSettled()
    return answer
  }
  const mails = (address = 'nia@north.example') => mailbox(world().sql, address)
  const linkFor = async (fields: { name?: string; slug?: string; email?: string } = {}) => {
    await ask(fields)
    return (await mails(fields.email)).at(-1)?.token ?? ''
  }
  const finish = (token: string, fields: object = {}, b = visitor()) =>
    post('/finish', { token, ...PERSON, ...fields }, b)
  /** Switches sign-up on, or changes how. */
  const policy = (fields: Record<string, unknown> = {}) => {
    const all = {
      enabled: true,
      first_role: 'owner',
      mail_domains: [],
      approval: false,
      terms_url: '',
      daily_limit: 100,
      ...fields,
    }
    const names = Object.keys(all)
    return world().sql(
      `update sign_up_policy set tenant_role_id = (select id from tenant_role where built_in = 'customer'), ${names
        .map((name, i) => `${name} = $${i + 1}`)
        .join(', ')}`,
      Object.values(all),
    )
  }
  /** Follows the hand-off, as a browser does. */
  const follow = async (b: Browser, start: string) => {
    let url = start
    for (let i = 0; i < 5; i++) {
      const response = await b.get(url)
      if (response.status !== 303) break
      url = new URL(response.headers.get('location') ?? '', url).href
    }
    return url
  }
  const tenants = async () => {
    const rows = await world().sql<{ slug: string; name: string }>(
      `select slug, name from tenant where slug not in ('default', 'acme', 'bolt') order by slug`,
    )
    return rows.map(({ slug }) => slug)
  }
  /** As it was before: no sign-ups, none of their tenants. */
  const clean = async () => {
    const { sql, forgive } = world()
    await forgive()
    await sql('delete from mail_message')
    await sql('delete from sign_up')
    await sql('update user_account set email_verified_at = now()')
    await sql(`update licence set expires_at = now() + interval '30 days', capabilities = '{multi_tenant}'`)
    await sql('update installation set multi_tenant_enabled = true')
    await policy()
  }
  return { post, ask, mails, linkFor, finish, policy, follow, tenants, clean }
}
