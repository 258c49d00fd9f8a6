import { randomUUID } from 'node:crypto'
import { resolveTenant } from '@/lib/host'
import { siteConfig } from '@/server/context/site'
import type { dispatch as Dispatch } from '@/server/http/dispatch'

interface Options {
  ip?: string
  headers?: Record<string, string>
  /** Another copy of the server, as a second process has one. */
  server?: typeof Dispatch
}

/** A browser without a screen: cookies per host, origins, redirects when told to. Talks to the server's own dispatcher. */
export class Browser {
  readonly jar = new Map<string, Map<string, string>>()
  readonly setCookies: string[] = []

  constructor(
    private readonly server: typeof Dispatch,
    readonly ip = '192.0.2.1',
    readonly userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ) {}

  cookiesOf(host: string): Map<string, string> {
    const cookies = this.jar.get(host) ?? new Map<string, string>()
    this.jar.set(host, cookies)
    return cookies
  }

  async request(
    method: 'GET' | 'POST',
    address: string,
    body?: unknown,
    options: Options = {},
  ): Promise<Response> {
    const url = new URL(address)
    const cookies = this.cookiesOf(url.hostname)
    const site = siteConfig()
    const target = resolveTenant(url.host, url.pathname, site)
    const path = target.kind === 'tenant' ? target.path : url.pathname
    const headers: Record<string, string> =
      method === 'POST'
        ? { origin: url.origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
        : {}
    const request = new Request(new URL(path + url.search, 'http://freehold.invalid'), {
      method,
      headers: { ...headers, ...options.headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const facts = {
      host: url.host,
      path: url.pathname,
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') || null,
      ip: options.ip ?? this.ip,
      userAgent: this.userAgent,
      requestId: randomUUID(),
    }
    const response = await (options.server ?? this.server)(request, path, facts)
    if (!response) return new Response('Next answers', { status: 404 })
    for (const header of response.headers.getSetCookie()) this.keep(cookies, header)
    return response
  }

  private keep(cookies: Map<string, string>, header: string): void {
    this.setCookies.push(header)
    const [pair = ''] = header.split(';')
    const at = pair.indexOf('=')
    if (/max-age=0\b|expires=thu, 01 jan 1970/i.test(header)) cookies.delete(pair.slice(0, at))
    else cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }

  get(address: string, options?: Options) {
    return this.request('GET', address, undefined, options)
  }

  post(address: string, body: unknown, options?: Options) {
    return this.request('POST', address, body, options)
  }

  /** As the sign-in form does it. */
  async signIn(
    base: string,
    login: string,
    password: string,
    options: Options & { next?: string } = {},
  ): Promise<Response> {
    const csrf = (await (await this.get(`${base}/api/auth/csrf`, options)).json()) as { csrfToken: string }
    const { next, ...rest } = options
    return this.post(
      `${base}/api/auth/callback/credentials`,
      { login, password, next, csrfToken: csrf.csrfToken },
      rest,
    )
  }

  async signOut(base: string): Promise<Response> {
    const csrf = (await (await this.get(`${base}/api/auth/csrf`)).json()) as { csrfToken: string }
    return this.post(`${base}/api/auth/signout`, { csrfToken: csrf.csrfToken })
  }

  /** A tRPC call; queries by GET, mutations by POST. */
  async call<T>(
    base: string,
    name: string,
    input?: object,
  ): Promise<{ status: number; data: T; error?: string; fields?: Record<string, string> }> {
    const url = `${base}/api/trpc/${name}`
    const mutation = !/\.(?:me|list)$/.test(name)
    const response = mutation ? await this.post(url, input ?? {}) : await this.get(url)
    const body = (await response.json()) as {
      result?: { data: T }
      error?: { data?: { body?: { error: string; fields?: Record<string, string> } } }
    }
    const problem = body.error?.data?.body
    return {
      status: response.status,
      data: body.result?.data as T,
      error: problem?.error,
      fields: problem?.fields,
    }
  }
}
