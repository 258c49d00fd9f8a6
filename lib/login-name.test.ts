import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normaliseUsername, parseLogin, USERNAME_PATTERN } from '@/lib/login-name'
import { isSlug } from '@/lib/slug'

describe('parseLogin', () => {
  test.each([
    ['mara', 'mara'],
    ['Mara', 'mara'],
    ['ｍara', 'mara'],
    ['m', 'm'],
    ['tom@acme.example', 'tom@acme.example'],
    ['tom.o+x_1-2', 'tom.o+x_1-2'],
    ['x'.repeat(64), 'x'.repeat(64)],
  ])('%j is the bare name %s', (text, username) =>
    expect(parseLogin(text)).toEqual({ kind: 'bare', username }),
  )

  test.each([
    ['acme\\tom', 'acme', 'tom'],
    ['ACME\\Tom', 'acme', 'tom'],
    ['bolt-2\\bo', 'bolt-2', 'bo'],
    ['acme\\tom@acme.example', 'acme', 'tom@acme.example'],
    ['default\\mara', 'default', 'mara'],
  ])('%j is tenant %s, user %s', (text, slug, username) =>
    expect(parseLogin(text)).toEqual({ kind: 'prefixed', slug, username }),
  )

  test.each([
    '',
    ' ',
    ' mara',
    'mara ',
    'ma ra',
    'mara\n',
    'mara\u0000',
    '.mara',
    '-mara',
    '@mara',
    'mаra', // Cyrillic а
    'İvan',
    'x'.repeat(65),
    '\u{FDFA}'.repeat(200),
    'master\\admin',
    'admin\\u',
    'www\\tom',
    '\\u',
    'acme\\',
    '\\',
    '\\\\',
    'a\\b\\c',
    'acme\\\\tom',
    'acme\\tom\\',
    'A\\u',
    'acme\\u ',
    'acme \\u',
    ' acme\\u',
    'acme\\ u',
    'a/../b\\u',
    'acme/x\\u',
    'acme/tom',
    'acme.localhost\\tom',
    'acme＼tom', // full-width backslash
    'acme﹨tom', // small backslash
    'acme∖tom', // set minus
    'acme\\＼tom',
    'ac\u0000me\\tom',
    'acme\\to\u0000m',
    'acme\u200b\\tom',
    'acme\\tom\u200b',
    'ａcme\\tom',
    'аcme\\tom',
    '\u212Aey\\tom',
    'xn--acme\\tom',
    '-acme\\tom',
    'acme%5Ctom',
    'acme\\..',
  ])('%j is invalid', (text) => expect(parseLogin(text)).toEqual({ kind: 'invalid' }))

  test('whatever passes is a valid slug and a valid username', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-zA-Z0-9._\\-]{0,20}$/))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 3 }), (pieces) => {
        const login = parseLogin(pieces.join('\\'))
        if (login.kind === 'invalid') return
        expect(login.username).toMatch(USERNAME_PATTERN)
        if (login.kind === 'prefixed') expect(isSlug(login.slug) || login.slug === 'default').toBe(true)
      }),
    )
  })

  test('a valid pair survives the round trip', () => {
    const slug = fc.stringMatching(/^[a-z][a-z0-9]{4,20}$/).filter(isSlug)
    const username = fc.stringMatching(/^[a-z0-9][a-z0-9._@+-]{0,63}$/)
    fc.assert(
      fc.property(slug, username, (s, u) => {
        expect(parseLogin(`${s}\\${u}`)).toEqual({ kind: 'prefixed', slug: s, username: u })
      }),
    )
  })
})

test('normaliseUsername is idempotent and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const once = normaliseUsername(text)
      if (once !== null) expect(normaliseUsername(once)).toBe(once)
    }),
  )
})
