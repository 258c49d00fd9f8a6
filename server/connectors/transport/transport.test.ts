import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError, type EndpointForm } from '@/server/connectors/contract'
import { type KeyPair, makeKeyPair } from '@/server/connectors/incus/enrol'
import { endpointText, parseEndpoint } from '@/server/connectors/transport/endpoint'
import { type Egress, mayConnect } from '@/server/connectors/transport/reach'
import { lookAtServer, type Trust } from '@/server/connectors/transport/secure'
import { createTransport } from '@/server/connectors/transport/transport'

const FORM: EndpointForm = {
  schemes: ['https', 'unix'],
  defaultPort: 8006,
  placeholder: 'https://pve.example.com:8006',
  hint: '',
}
const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return error instanceof ConnectorError ? error.code : String(error)
  }
  return 'none'
}
const refusalOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => null,
    (e: unknown) => e,
  )
  return error instanceof ConnectorError ? error.code : String(error)
}

describe('an endpoint', () => {
  it.each([
    ['pve.example.com', 'https://pve.example.com:8006'],
    ['HTTPS://PVE.example.com:443/', 'https://pve.example.com:443'],
    ['10.0.0.5', 'https://10.0.0.5:8006'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['unix:/run/incus/unix.socket', 'unix:/run/incus/unix.socket'],
  ])('is read as people write it: %s', (text, canonical) => {
    expect(endpointText(parseEndpoint(text, FORM))).toBe(canonical)
  })

  it.each([
    // I01: an address that another program reads otherwise
    ...[
      '0x7f000001',
      '2130706433',
      '127.1',
      '0177.0.0.1',
      '127.0.0.1.',
      '１２７.0.0.1',
      '[::ffff:127.0.0.1',
      '1.2.3.4.5',
    ],
    // I01, I04, I15: more than a place
    ...[
      'https://root:pw@pve',
      'pve/path',
      'pve?x=1',
      'pve#x',
      'file:///etc/passwd',
      'gopher://pve',
      'http://pve',
      'pve:0',
    ],
    ...[
      'pve:65536',
      'pve:8006\r\nX: y',
      'unix:/run/../etc/x',
      'unix:relative',
      '',
      ' ',
      'a b',
      `${'a'.repeat(64)}.example`,
    ],
  ])('is refused where it is more or less than that: %j', (text) => {
    expect(codeOf(() => parseEndpoint(text, FORM))).toBe('blocked_address')
  })

  it('is no socket and no other scheme than the connector speaks', () => {
    const form: EndpointForm = { ...FORM, schemes: ['tls'] }
    expect(codeOf(() => parseEndpoint('unix:/run/x', form))).toBe('blocked_address')
    expect(codeOf(() => parseEndpoint('https://pve', form))).toBe('blocked_address')
    expect(endpointText(parseEndpoint('tls://kvm', form))).toBe('tls://kvm:8006')
  })
})

describe('what may be reached (I01, I14)', () => {
  const egress = { networks: ['10.1.0.0/16', 'fd00:1::/32'], local: ['127.0.0.1:8443', '[::1]:8443'] }
  it.each([
    ['8.8.8.8', 443, true],
    ['2606:4700::1', 443, true],
    ['10.1.2.3', 8006, true],
    ['fd00:1::7', 8006, true],
    ['10.2.0.1', 8006, false],
    ['192.168.0.1', 8006, false],
    ['127.0.0.1', 8443, true],
    ['127.0.0.1', 5432, false],
    ['127.0.0.2', 8443, false],
    ['::1', 8443, true],
    ['169.254.169.254', 80, false],
    ['::ffff:10.1.2.3', 8006, false],
    ['::ffff:127.0.0.1', 8443, false],
    ['0.0.0.0', 8443, false],
    ['::', 8443, false],
    ['fe80::1', 8006, false],
    ['224.0.0.1', 8006, false],
    ['pve.example.com', 443, false],
  ])('%s port %i: %s', (address, port, allowed) => {
    expect(mayConnect(address, port, egress)).toBe(allowed)
  })

  it('even a network on the list opens neither this machine nor link-local addresses', () => {
    const all = { networks: ['0.0.0.0/0', '::/0'], local: [] }
    for (const address of ['127.0.0.1', '169.254.169.254', '::1', 'fe80::1'])
      expect(mayConnect(address, 443, all)).toBe(false)
  })
})

describe('a transport', () => {
  let pair: KeyPair
  let server: https.Server
  let port = 0
  /** How the server answers the next request. */
  let answer: http.RequestListener
  let asked = 0
  beforeAll(async () => {
    pair = await makeKeyPair()
    server = https.createServer({ cert: pair.certificate, key: pair.key }, (req, res) => {
      asked++
      answer(req, res)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const pin = () => new X509Certificate(pair.certificate).fingerprint256
  const local = (): Egress => ({ networks: [], local: [`127.0.0.1:${port}`] })
  const endpoint = () => ({ scheme: 'https' as const, host: '127.0.0.1', port })
  const to = (
    trust: Trust = { fingerprint: pin() },
    egress = local(),
    signal = new AbortController().signal,
  ) => createTransport({ endpoint: endpoint(), egress, trust, signal })
  const get = { method: 'GET', path: '/' } as const
  const body = (text: string) => (answer = (_req, res) => void res.end(text))

  it('sends to the server whose certificate is pinned, again and again, and hands any answer on', async () => {
    answer = (req, res) => {
      let text = ''
      req.on('data', (chunk: Buffer) => (text += chunk.toString()))
      req.on('end', () => {
        res.writeHead(401, 'No ticket', { 'x-two': ['a', 'b'] })
        res.end(`${req.method} ${req.url} ${req.headers.host} ${text}`)
      })
    }
    const transport = to()
    for (let i = 0; i < 3; i++) {
      const got = await transport.request({ method: 'POST', path: '/x?y=1', body: 'ä' })
      expect(got).toMatchObject({ status: 401, statusText: 'No ticket', headers: { 'x-two': 'a, b' } })
      expect(got.body.toString()).toBe(`POST /x?y=1 127.0.0.1:${port} ä`)
    }
  })

  it('sends not a byte to a server that shows another certificate, or one that nobody vouches for (I08)', async () => {
    body('secret seen')
    const before = asked
    expect(await refusalOf(to({ fingerprint: 'ab'.repeat(32) }).request(get))).toBe('changed_certificate')
    expect(await refusalOf(to({}).request(get))).toBe('untrusted_certificate')
    expect(await refusalOf(to({ ca: (await makeKeyPair()).certificate }).request(get))).toBe(
      'untrusted_certificate',
    )
    expect(await refusalOf(to({ fingerprint: 'ab'.repeat(32) }).connect())).toBe('changed_certificate')
    expect(asked).toBe(before)
  })

  it('shows the certificate before anybody trusts it', async () => {
    const seen = await lookAtServer(endpoint(), local(), new AbortController().signal)
    expect(seen).toMatchObject({ subject: 'CN=Freehold', trusted: false })
    expect(seen.fingerprint).toBe(pin().replaceAll(':', '').toLowerCase())
    expect(Date.parse(seen.validTo)).toBeGreaterThan(Date.now())
  })

  it('does not go where it may not, by address, by name, or by socket (I01, I02, I05)', async () => {
    body('own machine')
    const before = asked
    const nowhere = { networks: ['127.0.0.0/8'], local: [] }
    expect(await refusalOf(to(undefined, nowhere).request(get))).toBe('blocked_address')
    const signal = new AbortController().signal
    const named = { ...endpoint(), host: 'localhost' }
    const byName = createTransport({
      endpoint: named,
      egress: nowhere,
      trust: { fingerprint: pin() },
      signal,
    })
    expect(await refusalOf(byName.request(get))).toBe('blocked_address')
    const socket = { scheme: 'unix' as const, path: '/var/run/docker.sock' }
    const bySocket = createTransport({ endpoint: socket, egress: local(), trust: {}, signal })
    expect(await refusalOf(bySocket.request(get))).toBe('blocked_address')
    expect(asked).toBe(before)
  })

  it('follows no redirect (I03)', async () => {
    answer = (_req, res) => void res.writeHead(302, { location: `https://127.0.0.1:${port}/x` }).end()
    const before = asked
    expect(await to().request(get)).toMatchObject({ status: 302 })
    expect(asked).toBe(before + 1)
  })

  it('cuts what is too large, too slow, packed, or breaks off (I09)', async () => {
    body('x'.repeat(2000))
    expect(await refusalOf(to().request({ ...get, maxBytes: 1000 }))).toBe('too_large')
    answer = (_req, res) => {
      const timer = setInterval(() => res.write('.'), 20)
      res.on('close', () => clearInterval(timer))
    }
    expect(await refusalOf(to().request({ ...get, timeoutMs: 200 }))).toBe('timeout')
    answer = (_req, res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))
    expect(await refusalOf(to().request(get))).toBe('bad_answer')
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('half', () => res.destroy())
    }
    expect(await refusalOf(to().request(get))).toBe('bad_answer')
    answer = (req) =>
      void req.socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
    expect(await refusalOf(to().request({ ...get, timeoutMs: 1000 }))).toBe('wrong_server')
    const gone = new AbortController()
    answer = () => gone.abort()
    expect(await refusalOf(to(undefined, undefined, gone.signal).request(get))).toBe('timeout')
  })

  it('says no more than that nobody answers, or that it is no TLS and no HTTP', async () => {
    const plain = http.createServer((_req, res) => res.end())
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const other = (plain.address() as AddressInfo).port
    const signal = new AbortController().signal
    const at = (wrong: number) =>
      createTransport({
        endpoint: { scheme: 'https', host: '127.0.0.1', port: wrong },
        egress: { networks: [], local: [`127.0.0.1:${wrong}`] },
        trust: { fingerprint: pin() },
        signal,
      })
    expect(await refusalOf(at(other).request(get))).toBe('wrong_server')
    plain.closeAllConnections()
    await new Promise((resolve) => plain.close(resolve))
    expect(await refusalOf(at(other).request(get))).toBe('unreachable')
  })

  it('opens a socket of this machine that the operator lists', async () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'fh-socket-')), 's')
    const plain = http.createServer((req, res) => res.end(req.headers.host))
    await new Promise<void>((resolve) => plain.listen(file, resolve))
    const way = {
      endpoint: { scheme: 'unix' as const, path: file },
      trust: {},
      signal: new AbortController().signal,
    }
    const got = await createTransport({ ...way, egress: { networks: [], local: [file] } }).request(get)
    expect(got.body.toString()).toBe('localhost')
    plain.closeAllConnections()
    await new Promise((resolve) => plain.close(resolve))
    fs.rmSync(path.dirname(file), { recursive: true })
  })
})
