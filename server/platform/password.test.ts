import { describe, expect, it } from 'vitest'
import { hashPassword, verifyPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { networkOf, tooMany } from '@/server/platform/rate-limit'

describe('passwords', () => {
  it('are hashed with argon2id at the cost of OWASP, salted', async () => {
    const [a, b] = await Promise.all([
      hashPassword('plum-orbit-lantern-42'),
      hashPassword('plum-orbit-lantern-42'),
    ])
    expect(a).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(a).not.toBe(b)
    expect(await verifyPassword(a, 'plum-orbit-lantern-42')).toBe(true)
    expect(await verifyPassword(a, 'plum-orbit-lantern-43')).toBe(false)
  })

  it('are the same however the keyboard composes them', async () => {
    const hash = await hashPassword('caf\u00e9-terrasse-nord')
    expect(await verifyPassword(hash, 'cafe\u0301-terrasse-nord')).toBe(true)
  })

  it('never fit nobody', async () => {
    expect(await verifyPassword(null, 'anything at all')).toBe(false)
  })

  it('queue when many come at once', async () => {
    const hash = await hashPassword('plum-orbit-lantern-42')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => verifyPassword(hash, i === 7 ? 'plum-orbit-lantern-42' : 'no')),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  const tom = { username: 'tom.the-builder', email: 'tom.builder.acme@example.com' }
  it.each([
    ['short', /at least 12/],
    ['x'.repeat(201), /at most 200/],
    ['Tom.The-Builder', /username or e-mail/],
    ['TOM.BUILDER.ACME@example.com', /username or e-mail/],
    ['tom.builder.acme', /username or e-mail/],
    ['Password-1234', /first that attackers try/],
    ['QwertyUiop12', /first that attackers try/],
    ['aaaaaaaaaaaaaa', /first that attackers try/],
    ['abcabcabcabc', /first that attackers try/],
    ['123456789012', /first that attackers try/],
    ['fedcba987654', undefined],
    ['987654321098', /first that attackers try/],
    ['abcdefghijklm', /first that attackers try/],
    ['correct horse battery staple', /first that attackers try/],
    ['plum-orbit-lantern-42', undefined],
    ['eine lange leise Nacht', undefined],
  ])('%s', (password, problem) => {
    const found = passwordProblem(password, tom)
    if (problem) expect(found).toMatch(problem)
    else expect(found).toBeNull()
  })
})

describe('whom an address counts for', () => {
  it.each([
    ['192.0.2.9', '192.0.2.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (ip, network) => expect(networkOf(ip)).toBe(network))

  it('says when to come back', () => {
    expect(tooMany(30).message).toBe('Too many attempts. Try again in a minute.')
    expect(tooMany(61)).toMatchObject({
      status: 429,
      message: 'Too many attempts. Try again in 2 minutes.',
      details: { retryAfter: 61 },
    })
  })
})
