import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Attribute, Client } from 'ldapts'
import { chooseUser } from '@/server/platform/postgres/os-user'
import { makeAuthority, makeCertificate } from '@/test/certificates'
import { ensureDebian } from '@/test/debian'
import { freePort } from '@/test/free-port'

const PROGRAM = '/usr/sbin/slapd'

/** Whether OpenLDAP's server is here, or can be brought from Debian. @throws see ensureDebian */
export const ensureSlapd = (): boolean => ensureDebian(() => fs.existsSync(PROGRAM), ['slapd', 'openssl'])

export const BASE = 'dc=acme,dc=example'
/** Who searches, and the administrator who puts entries in. */
export const READER = { dn: `cn=reader,${BASE}`, password: 'a-reader-of-the-test' }
const ADMIN = { dn: `cn=admin,${BASE}`, password: 'an-admin-of-the-test' }

/** By name: what each has. */
export type Entries = Record<string, Record<string, string | string[] | Buffer>>

export interface Slapd {
  /** Ports of ldap (with StartTLS) and ldaps on 127.0.0.1, whose certificate is for that and for localhost. */
  port: number
  securePort: number
  /** PEM of the authority of its certificate, and of another one. */
  ca: string
  otherCa: string
  /** As the administrator, while it runs: memberOf fills itself. */
  admin: <T>(work: (client: Client) => Promise<T>) => Promise<T>
  stop: () => Promise<void>
}

/** Authorities `ca` and `other`, and a certificate of the first for this machine. */
function makeCertificates(dir: string): void {
  for (const name of ['ca', 'other']) makeAuthority(dir, name)
  makeCertificate(dir, 'ca', 'server')
}

const configOf = (dir: string) => `
${['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
# As Active Directory calls them, to be put in by the test
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'adPerson' SUP top AUXILIARY MAY ( objectGUID $ sAMAccountName ) )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${dir}/pid
TLSCACertificateFile ${dir}/ca.pem
TLSCertificateFile ${dir}/server.pem
TLSCertificateKeyFile ${dir}/server.key
database mdb
suffix ${BASE}
directory ${dir}/db
maxsize 104857600
rootdn ${ADMIN.dn}
rootpw ${ADMIN.password}
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=${READER.dn} read by * none
`

/** Starts OpenLDAP's server on 127.0.0.1 in a folder of its own, with these entries and one that may read them. */
export async function startSlapd(entries: Entries): Promise<Slapd> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-slapd-'))
  makeCertificates(dir)
  fs.mkdirSync(path.join(dir, 'db'))
  fs.writeFileSync(path.join(dir, 'slapd.conf'), configOf(dir), { mode: 0o600 })
  const user = chooseUser(path.join(dir, 'absent'))
  if (user)
    for (const name of ['', ...fs.readdirSync(dir)]) fs.chownSync(path.join(dir, name), user.uid, user.gid)
  const [port, securePort] = [await freePort(), await freePort()]
  const urls = `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${securePort}/`
  const args = ['-f', path.join(dir, 'slapd.conf'), '-h', urls, '-d', '0']
  const child = spawn(PROGRAM, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await exit
    fs.rmSync(dir, { recursive: true, force: true })
  }
  const admin = <T>(work: (client: Client) => Promise<T>) => asAdmin(port, work)
  try {
    await answering(
      port,
      () => child.exitCode,
      () => said,
    )
    await admin((client) => addAll(client, { ...FRAME, ...entries }))
  } catch (error) {
    await stop()
    throw error
  }
  const pem = (name: string) => fs.readFileSync(path.join(dir, name), 'utf8')
  return { port, securePort, ca: pem('ca.pem'), otherCa: pem('other.pem'), admin, stop }
}

const FRAME: Entries = {
  [BASE]: { objectClass: ['dcObject', 'organization'], dc: 'acme', o: 'Acme' },
  [`ou=people,${BASE}`]: { objectClass: 'organizationalUnit', ou: 'people' },
  [`ou=groups,${BASE}`]: { objectClass: 'organizationalUnit', ou: 'groups' },
  [READER.dn]: {
    objectClass: ['organizationalRole', 'simpleSecurityObject'],
    cn: 'reader',
    userPassword: READER.password,
  },
}

const listOf = (value: string | string[] | Buffer): string[] | Buffer[] =>
  Buffer.isBuffer(value) ? [value] : [value].flat()

async function addAll(client: Client, entries: Entries): Promise<void> {
  for (const [dn, has] of Object.entries(entries))
    await client.add(
      dn,
      Object.entries(has).map(([type, value]) => new Attribute({ type, values: listOf(value) })),
    )
}

async function asAdmin<T>(port: number, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url: `ldap://127.0.0.1:${port}`, timeout: 5000 })
  try {
    await client.bind(ADMIN.dn, ADMIN.password)
    return await work(client)
  } finally {
    await client.unbind()
  }
}

async function answering(port: number, code: () => number | null, words: () => string): Promise<void> {
  for (let tries = 0; tries < 100 && code() === null; tries++, await sleep(50)) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
  }
  throw new Error(`slapd did not start: ${words()}`)
}
