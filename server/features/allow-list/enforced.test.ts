import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { PAGES, type PageDeclaration } from '@/app/pages'
import type { SignedInOp } from '@/server/context/op'
import { assertStillAllowed } from '@/server/context/still-allowed'
import { mutate } from '@/server/db/scope'
import { listenAs } from '@/server/features/events/listen.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { recoverySettled } from '@/server/features/recovery/recovery.service'
import { dispatch } from '@/server/http/dispatch'
import { OPEN_PAGES } from '@/server/http/refused-page'
import { routes } from '@/server/http/routes'
import { listenForChanges } from '@/server/platform/listen'
import { ask, call } from '@/server/sweep/call'
import { procedureOf, procedures } from '@/server/sweep/declared'
import { type ActorName, PASSWORD, tokenOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'
import { allow, ELSEWHERE, HOME } from './allow.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const OFFICE = '192.0.2.0/24'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  await world.admin.query('delete from rate_limit')
})

const isRefused = ({ status, text }: { status: number; text: string }) =>
  status === 403 && text.includes('address_refused')
const me = async (actor: ActorName, ip: string) =>
  (await call(world, actor, procedureOf('account.me'), undefined, { facts: { ip } })).status
const askRoute = (route: (typeof routes)[number], ip: string) =>
  ask(
    world,
    'Ada',
    route.path.replace(/:\w+/g, idOf('nothing')),
    route.method === 'POST'
      ? { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
      : {},
    { ip },
  )

/** What a list does not keep out. Whoever adds to this says why. */
const NOT_BOUND: Record<string, string> = {
  'health.live': 'says nothing of any tenant; load balancers ask by address',
  'health.ready': 'says nothing of any tenant; load balancers ask by address',
  'stripe.webhook': 'Stripe proves a signature, and calls from wherever it likes',
  'agent.enrol': 'machines prove a token, and stand where their owner put them',
  'agent.report': 'machines prove a token, and stand where their owner put them',
  'agent.inventory': 'machines prove a token, and stand where their owner put them',
  'agent.goodbye': 'machines prove a token, and stand where their owner put them',
  'agent.install': 'a script that is the same for all; it comes with a token',
  'agent.installWindows': 'a script that is the same for all; it comes with a token',
  'agent.script': 'a script that is the same for all; agents replace themselves by it',
  'agent.scriptWindows': 'a script that is the same for all; agents replace themselves by it',
  'boot.script': 'machines that start over the network; the address is signed',
  'emergency.start': 'the way in for who is shut out',
  'emergency.ask': 'the way in for who is shut out',
  'emergency.prove': 'the way in for who is shut out',
  'emergency.passkeyOptions': 'the way in for who is shut out',
  'emergency.passkey': 'the way in for who is shut out',
  'impersonation.ended': 'leads the master’s people back',
  'saml.metadata': 'a provider’s server fetches it; it names nobody',
  ...Object.fromEntries(
    routes
      .filter(({ declaration }) => declaration.scope === 'scim')
      .map(({ name }) => [name, 'directories prove a token, and stand in clouds']),
  ),
}
const OF_THE_PROVIDER = ['impersonation.begin', 'impersonation.finish']

describe('an address that is not on the list', () => {
  it('is refused by every route but those that are named, whoever asks', async () => {
    await allow(world, 'A', OFFICE)
    for (const route of routes) {
      const free = route.name in NOT_BOUND || OF_THE_PROVIDER.includes(route.name)
      expect([route.name, isRefused(await askRoute(route, ELSEWHERE))]).toEqual([route.name, !free])
      expect([route.name, isRefused(await askRoute(route, HOME))]).toEqual([route.name, false])
    }
    const named = routes.filter(({ bare, declaration }) => bare || declaration.address?.of === 'anybody')
    expect(named.map(({ name }) => name).sort()).toEqual(Object.keys(NOT_BOUND).sort())
    const provider = routes.filter(({ declaration }) => declaration.address?.of === 'provider')
    expect(provider.map(({ name }) => name)).toEqual(OF_THE_PROVIDER)
  })

  it('is refused by every procedure, and by what is none', async () => {
    await allow(world, 'A', OFFICE)
    for (const procedure of [...procedures(), { name: 'no.such', type: 'query' as const }]) {
      expect(
        isRefused(await call(world, 'Ada', procedure, {}, { facts: { ip: ELSEWHERE } })),
        procedure.name,
      ).toBe(true)
    }
    expect(procedures().filter(({ declaration }) => declaration?.address)).toEqual([])
    expect(await me('Ada', HOME)).toBe(200)
  })

  it('is refused by every page but those that are named: the server and the pages say the same', () => {
    const open = Object.entries<PageDeclaration>(PAGES).filter(([, { address }]) => address)
    expect(open.map(([name]) => name.replace(/\/?\([^)]*\)/g, '')).sort()).toEqual([...OPEN_PAGES].sort())
    for (const [, { address, scope }] of open) expect([address?.of, scope]).toEqual(['anybody', 'public'])
  })

  it('is told the same whoever and whatever it asks for (C03)', async () => {
    await allow(world, 'A', OFFICE)
    const answers = new Set<string>()
    for (const actor of ['nobody', 'Ada', 'Tom', 'garbage'] as const)
      for (const path of ['/api/auth/csrf', '/api/events', '/api/hosts/export.csv'])
        answers.add((await ask(world, actor, path, {}, { ip: ELSEWHERE })).text)
    expect([...answers]).toEqual([
      JSON.stringify({
        error: 'address_refused',
        message: `This address (${ELSEWHERE}) is not allowed here.`,
        status: 403,
        requestId: 'REQUEST',
      }),
    ])
  })

  it('a browser that was led there gets a page, a program words', async () => {
    await allow(world, 'A', OFFICE)
    const led = await ask(
      world,
      'nobody',
      '/api/switch/begin',
      { headers: { accept: 'text/html' } },
      { ip: ELSEWHERE },
    )
    expect([led.status, led.text.includes('<h1>This address is not allowed here</h1>')]).toEqual([403, true])
    expect(led.text).toContain(`<strong>${ELSEWHERE}</strong>`)
    expect(led.text).not.toMatch(/acme/i)
  })

  it.each([
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['2001:db8::7', ['2001:db8::/32'], true],
    ['2001:db9::7', ['10.0.0.0/8', '2001:db8::/32'], false],
    ['10.1.2.3', ['::/0'], false],
    ['::1', ['0.0.0.0/0'], false],
    ['', ['0.0.0.0/0', '::/0'], false],
    ['not an address', ['0.0.0.0/0', '::/0'], false],
    ['', [], true],
  ])('“%s” and %j: %s', async (ip, networks, admitted) => {
    await allow(world, 'A', ...networks)
    expect(await me('Ada', ip)).toBe(admitted ? 200 : 403)
    expect(await me('Bo', ip)).toBe(200)
  })
})

describe('B15: from an address', () => {
  const looks = async (slug: string, ip: string) => {
    const paths = [
      '/api/trpc/account.me',
      '/api/trpc/no.such',
      '/api/events',
      '/api/auth/session',
      '/api/switch/begin',
      '/agent/install.sh',
    ]
    const answers = await Promise.all(
      paths.map((path) => ask(world, 'nobody', path, {}, { ip, host: `${slug}.localhost:3000` })),
    )
    return answers.map(({ status, text, headers }) =>
      [status, text, headers].join('\n').replaceAll(`${slug}.localhost`, 'HOST'),
    )
  }

  it('that is allowed, live, disabled and unknown are alike; so are live and disabled from one that is not', async () => {
    await allow(world, 'A', OFFICE)
    await allow(world, 'C', OFFICE)
    const [live, disabled, unknown] = [
      await looks('acme', HOME),
      await looks('closed', HOME),
      await looks('nosuch', HOME),
    ]
    expect(live).toEqual(unknown)
    expect(disabled).toEqual(unknown)
    const refused = await looks('acme', ELSEWHERE)
    expect(await looks('closed', ELSEWHERE)).toEqual(refused)
    expect(refused).not.toEqual(unknown)
    // Without a list nothing is different anywhere.
    expect(await looks('bolt', ELSEWHERE)).toEqual(await looks('nosuch', ELSEWHERE))
  })
})

describe('a session', () => {
  it('that is carried elsewhere is refused there, is not prolonged, and goes on at home', async () => {
    await allow(world, 'A', OFFICE)
    const seen = async () =>
      (
        await world.admin.query<{ at: string }>(
          `select idle_expires_at::text as at from session where token_hash = sha256($1)`,
          [tokenOf('Ada')],
        )
      ).rows[0]?.at
    await world.admin.query(
      `update session set last_seen_at = now() - interval '10 minutes', idle_expires_at = now() + interval '10 minutes' where token_hash = sha256($1)`,
      [tokenOf('Ada')],
    )
    const before = await seen()
    expect(await me('Ada', ELSEWHERE)).toBe(403)
    expect(await seen()).toBe(before)
    expect(await me('Ada', HOME)).toBe(200)
    expect(await seen()).not.toBe(before)
  })

  it('is cut and comes back in the next request, over two processes', async () => {
    vi.resetModules()
    const second = (await import('@/server/http/dispatch')).dispatch
    const there = async (server: typeof dispatch) => {
      const facts = world.factsOf('Ada', { path: '/api/trpc/account.me' })
      const request = new Request('http://x/api/trpc/account.me')
      return (await server(request, '/api/trpc/account.me', facts))?.status
    }
    for (const [networks, status] of [
      [[], 200],
      [['198.51.100.0/24'], 403],
      [[OFFICE], 200],
    ] as const) {
      await allow(world, 'A', ...networks)
      expect([await there(second), await there(dispatch)]).toEqual([status, status])
    }
  })

  it('its open pages end within a second, those of others go on', async () => {
    const listener = await listenForChanges(world.database.adminUrl, world.database.secret)
    const gone = new AbortController()
    try {
      const [ada, bo] = [await listenAs(world, 'Ada', gone), await listenAs(world, 'Bo', gone)]
      const at = Date.now()
      await allow(world, 'A', '198.51.100.0/24')
      expect((await ada.ended) - at).toBeLessThan(1000)
      expect(ada.text()).toContain('event: bye')
      expect(bo.text()).not.toContain('event: bye')
    } finally {
      gone.abort()
      await listener.close()
    }
  })

  it('what is under way is asked again: a change under its locks, an answer that streams', async () => {
    const procedure = procedureOf('hosts.rename')
    const op = {
      ...(await world.opOf('Ada')),
      call: { name: 'hosts.rename', declaration: procedure.declaration!, audited: false },
    } as SignedInOp
    const change = () =>
      mutate(op, ({ audit }) => {
        audit({ targetKind: 'host', targetId: resourceId('A web') })
        return Promise.resolve('done')
      })
    expect(await change()).toBe('done')
    await assertStillAllowed(op)
    await allow(world, 'A', '198.51.100.0/24')
    await expect(change()).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(assertStillAllowed(op)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('on another host', () => {
  const handOff = async (ip: string, login: string, password: string) => {
    const response = await new Browser(dispatch, ip).post(`${MAIN}/api/sign-in/hand-off`, { login, password })
    return [response.status, ((await response.json()) as { error?: string }).error]
  }

  it('the hand-off asks the list before the password', async () => {
    await allow(world, 'A', OFFICE)
    expect(await handOff(ELSEWHERE, 'acme\\tom', PASSWORD)).toEqual([403, 'address_refused'])
    expect(await handOff(ELSEWHERE, 'acme\\tom', 'wrong')).toEqual([403, 'address_refused'])
    expect(await handOff(ELSEWHERE, 'acme\\nobody', 'wrong')).toEqual([403, 'address_refused'])
    expect(await handOff(HOME, 'acme\\tom', PASSWORD)).toEqual([200, undefined])
    expect(await handOff(ELSEWHERE, 'bolt\\tom', PASSWORD)).toEqual([200, undefined])
    expect(await handOff(ELSEWHERE, 'nosuch\\tom', PASSWORD)).toEqual([401, 'unauthenticated'])
  })

  it('a forgotten password is answered as always, and nothing comes of it', async () => {
    await allow(world, 'A', OFFICE)
    const sql = async <T extends object>(text: string, values?: unknown[]) =>
      (await world.admin.query<T>(text, values)).rows
    const { rows } = await world.admin.query<{ email: string }>(
      'select email from user_account where id = $1',
      [userId('Tom')],
    )
    const mails = async () =>
      (await mailbox(sql, rows[0]?.email ?? '')).filter(({ kind }) => kind === 'password_reset').length
    const forgot = async (ip: string) => {
      const response = await new Browser(dispatch, ip).post(`${MAIN}/api/sign-in/forgot`, {
        login: 'acme\\tom',
      })
      await recoverySettled()
      return response.text()
    }
    const refused = await forgot(ELSEWHERE)
    expect(await mails()).toBe(0)
    expect(await forgot(HOME)).toBe(refused)
    expect(await mails()).toBe(1)
  })

  it('the union has nothing of a tenant that does not let the address in', async () => {
    await world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
      tenantId('B'),
      userId('Ada'),
    ])
    await world.admin.query(
      `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = 'viewer'`,
      [tenantId('B'), userId('Ada')],
    )
    const tenants = async (ip: string) => {
      const { data } = await call(
        world,
        'Ada',
        procedureOf('allTenants.list'),
        { kind: 'host', limit: 100 },
        { facts: { ip } },
      )
      return [
        ...new Set((data as { rows: { tenant: { slug: string } }[] }).rows.map(({ tenant }) => tenant.slug)),
      ]
    }
    expect(await tenants(ELSEWHERE)).toEqual(['acme', 'bolt'])
    await allow(world, 'B', OFFICE)
    expect(await tenants(ELSEWHERE)).toEqual(['acme'])
    expect(await tenants(HOME)).toEqual(['acme', 'bolt'])
  })

  it('the master’s list is the main host’s, and no floor under the tenants', async () => {
    await allow(world, 'M', '198.51.100.0/24')
    expect([await me('Mara', HOME), await me('Ada', HOME)]).toEqual([403, 200])
    expect(await me('Mara', '198.51.100.1')).toBe(200)
    const signIn = async (ip: string) => (await new Browser(dispatch, ip).get(`${ACME}/api/auth/csrf`)).status
    expect(await signIn(HOME)).toBe(200)
  })
})
