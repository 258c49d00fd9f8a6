import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDebian } from '@/test/debian'
import { freePort } from '@/test/free-port'

const PHP = '/usr/bin/php'
const WWW = '/usr/share/simplesamlphp/www'

const PHP_CHECK = 'exit(extension_loaded("dom") && extension_loaded("mbstring") ? 0 : 1);'
const isHere = () =>
  fs.existsSync(`${WWW}/saml2/idp/SSOService.php`) &&
  spawnSync(PHP, ['-r', PHP_CHECK], { stdio: 'ignore' }).status === 0

/** Whether simpleSAMLphp and php are here, from Debian. php's own web server runs it; Apache, which comes along, is not asked. */
export const hasSimpleSaml = (): boolean =>
  ensureDebian(isHere, ['php-cli', 'php-cgi', 'php-xml', 'php-mbstring', 'simplesamlphp'])

/** A value as PHP source. */
function php(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(php).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `[${Object.entries(value)
      .map(([key, one]) => `${/^\d+$/.test(key) ? key : php(key)} => ${php(one)}`)
      .join(', ')}]`
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`
  return String(value)
}

export interface SimpleSamlUser {
  password: string
  /** `pid` makes the persistent name id. */
  attributes: Record<string, string[]>
}

interface Console {
  entityId: string
  acs: string
}

interface Options {
  /** In PEM. */
  key: string
  certificate: string
  users: Record<string, SimpleSamlUser>
  /** Who may send people. */
  consoles: Console[]
}

function configure(dir: string, origin: string, { key, certificate, users, consoles }: Options): void {
  const write = (name: string, text: string) => fs.writeFileSync(path.join(dir, name), text)
  for (const folder of ['metadata', 'cert', 'log', 'data', 'tmp', 'sessions'])
    fs.mkdirSync(path.join(dir, folder))
  write('cert/idp.pem', key)
  write('cert/idp.crt', certificate)
  const config = {
    baseurlpath: `${origin}/`,
    certdir: `${dir}/cert/`,
    loggingdir: `${dir}/log/`,
    datadir: `${dir}/data/`,
    tempdir: `${dir}/tmp`,
    secretsalt: 'a salt of the test, and of no other place',
    'auth.adminpassword': 'nobody-signs-in-by-this',
    technicalcontact_email: 'nobody@example.com',
    timezone: 'UTC',
    'logging.handler': 'file',
    'logging.level': 5,
    'enable.saml20-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true },
    'session.cookie.secure': false,
    'session.phpsession.savepath': `${dir}/sessions`,
    'store.type': 'phpsession',
    'metadata.sources': [{ type: 'flatfile', directory: `${dir}/metadata` }],
    'language.default': 'en',
    'language.available': ['en'],
    'assertion.allowed_clock_skew': 180,
  }
  write('config.php', `<?php $config = ${php(config)};`)
  const people = Object.entries(users).map(([name, one]) => [`${name}:${one.password}`, one.attributes])
  write(
    'authsources.php',
    `<?php $config = ${php({ people: { 0: 'exampleauth:UserPass', ...Object.fromEntries(people) } })};`,
  )
  const idp = {
    host: '__DEFAULT__',
    privatekey: 'idp.pem',
    certificate: 'idp.crt',
    auth: 'people',
    // who has no such attribute has no persistent name id
    authproc: { 20: { class: 'saml:PersistentNameID', attribute: 'pid' } },
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  }
  write('metadata/saml20-idp-hosted.php', `<?php $metadata[${php(`${origin}/idp`)}] = ${php(idp)};`)
  for (const one of consoles) addConsole(dir, one)
}

/** php reads it at each request: one can be added while it runs. */
function addConsole(dir: string, { entityId, acs }: Console): void {
  const remote = `$metadata[${php(entityId)}] = ${php({ AssertionConsumerService: acs })};`
  const file = path.join(dir, 'metadata/saml20-sp-remote.php')
  fs.appendFileSync(file, fs.existsSync(file) ? `\n${remote}` : `<?php\n${remote}`)
}

async function answering(origin: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++, await sleep(100)) {
    if (child.exitCode !== null) break
    if (
      await fetch(`${origin}/saml2/idp/metadata.php`, { redirect: 'manual' }).then(
        async (one) => (await one.text()).includes('IDPSSODescriptor'),
        () => false,
      )
    )
      return
  }
  throw new Error('simpleSAMLphp did not start')
}

const decode = (text: string) =>
  text.replace(
    /&(amp|lt|gt|quot|#0?39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
  )

/** The value of a field in a form. */
const fieldOf = (html: string, name: string): string | null => {
  const input = (html.match(/<input[^>]*>/g) ?? []).find((one) => one.includes(`name="${name}"`))
  const value = input && /value="([^"]*)"/.exec(input)?.[1]
  return value === undefined ? null : decode(value)
}

/** A browser of one person at the identity provider. */
async function walk(
  address: string,
  username: string,
  password: string,
): Promise<{ to: string; answer: string }> {
  const jar = new Map<string, string>()
  let [at, body] = [address, undefined as URLSearchParams | undefined]
  for (let i = 0; i < 10; i++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const page = await fetch(at, {
      redirect: 'manual',
      headers: { cookie },
      method: body ? 'POST' : 'GET',
      body,
    })
    body = undefined
    for (const header of page.headers.getSetCookie()) {
      const [name = '', value = ''] = (header.split(';')[0] ?? '').split('=')
      jar.set(name, value)
    }
    const location = page.headers.get('location')
    if (location !== null) {
      at = new URL(location, at).href
      continue
    }
    const html = await page.text()
    const answer = fieldOf(html, 'SAMLResponse')
    if (answer !== null) return { to: decode(/<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? ''), answer }
    const state = fieldOf(html, 'AuthState')
    if (state === null)
      throw new Error(`simpleSAMLphp answers ${page.status}: ${html.replace(/<[^>]*>/g, ' ').slice(0, 2000)}`)
    body = new URLSearchParams({ username, password, AuthState: state })
  }
  throw new Error('simpleSAMLphp goes round in circles')
}

/** A real SAML identity provider (simpleSAMLphp) on loopback. */
export async function openSimpleSaml(options: Options) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-saml-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  configure(dir, origin, options)
  const child = spawn(PHP, ['-S', `127.0.0.1:${port}`, '-t', WWW], {
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: dir },
    stdio: 'ignore',
  })
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const close = async () => {
    child.kill()
    await exit
    fs.rmSync(dir, { recursive: true, force: true })
  }
  await answering(origin, child).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    entityId: `${origin}/idp`,
    ssoUrl: `${origin}/saml2/idp/SSOService.php`,
    metadata: async () => (await fetch(`${origin}/saml2/idp/metadata.php`)).text(),
    addConsole: (one: Console) => addConsole(dir, one),
    /** Signs in there, as a browser does that was sent to `address`. @returns where it posts to, and what */
    signIn: (address: string, username: string) =>
      walk(address, username, options.users[username]?.password ?? ''),
    close,
  }
}
export type SimpleSaml = Awaited<ReturnType<typeof openSimpleSaml>>
