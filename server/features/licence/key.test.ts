import { createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { licenceKey, TEST_PUBLISHER, TEST_PUBLISHER_KEY } from '@/test/publisher'
import { issueKey, makePublisher, readKey } from './key'

const install = randomUUID()
const key = licenceKey(install, { hosts: 40, customer: 'Northwind MSP' })
const [prefix = '', body = '', signature = ''] = key.split('.')
const read = (text: string) => readKey(text, [TEST_PUBLISHER])
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>

test('a key says what was issued, also broken into lines by a mail', () => {
  expect(read(key)).toMatchObject({ payload: { install, hosts: 40, customer: 'Northwind MSP' } })
  expect(read(`  ${key.replace(/(.{60})/g, '$1\n ')}\n`)).toEqual(read(key))
})

test.each([
  ['another payload', `${prefix}.${encoded({ ...decoded, hosts: 4000 })}.${signature}`],
  ['another prefix in what was signed', `${prefix}.${body}.${resigned(`FREEHOLD0.${body}`)}`],
  ['only the payload signed', `${prefix}.${body}.${resigned(body)}`],
  ['no signature at all', `${prefix}.${body}.AA`],
  ["an HMAC with the publisher's public key", `${prefix}.${body}.${hmac()}`],
])('H11 refuses %s', (_, text) => expect(read(text)).toEqual({ problem: 'signature' }))

test.each([
  '',
  'FREEHOLD1',
  `${prefix}.${body}`,
  `${key}.${signature}`,
  `FREEHOLD2.${body}.${signature}`,
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
  `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${body}.${hmac()}`,
])('H11 takes nothing that has not the form: %s', (text) => expect(read(text)).toEqual({ problem: 'form' }))

test("H11 refuses a key of another publisher, and one that brings its publisher's key along", () => {
  const other = makePublisher()
  const payload = { ...decoded, publicKey: other.publicKey } as never
  const { publicKey: _, ...plain } = payload as Record<string, unknown>
  const foreign = issueKey(plain as never, createPrivateKey(other.privateKey))
  expect(read(foreign)).toEqual({ problem: 'signature' })
  expect(readKey(foreign, [TEST_PUBLISHER, other.publicKey])).toMatchObject({ payload: { install } })
  expect(readKey(key, [])).toEqual({ problem: 'signature' })
  expect(() => issueKey(payload, createPrivateKey(other.privateKey))).toThrow('publicKey')
})

test('refuses what its publisher signed and this version does not know', () => {
  for (const wrong of [
    { ...decoded, hosts: 0 },
    { ...decoded, hosts: 1.5 },
    { ...decoded, expiresAt: decoded.startsAt },
    { ...decoded, more: true },
    'text',
  ])
    expect(read(`${prefix}.${encoded(wrong)}.${resigned(`${prefix}.${encoded(wrong)}`)}`)).toEqual({
      problem: 'content',
    })
})

test('one changed letter anywhere, and it is no key any more', () => {
  fc.assert(
    fc.property(fc.nat(prefix.length + body.length), fc.constantFrom('A', 'b', '0', '-'), (at, letter) => {
      const text = key.slice(0, at) + letter + key.slice(at + 1)
      return text === key || 'problem' in read(text)
    }),
  )
})

/** Signed by the publisher, who never signs such a thing. */
function resigned(text: string): string {
  return sign(null, Buffer.from(text), TEST_PUBLISHER_KEY).toString('base64url')
}
function hmac(): string {
  return createHmac('sha256', Buffer.from(TEST_PUBLISHER, 'base64url'))
    .update(`${prefix}.${body}`)
    .digest('base64url')
}
