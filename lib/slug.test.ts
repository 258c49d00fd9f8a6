import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSlug, isSlug, RESERVED_SLUGS, SLUG_PATTERN, suggestSlug } from '@/lib/slug'

describe('checkSlug', () => {
  test.each([
    ['acme', 'acme'],
    ['ACME', 'acme'],
    ['a1', 'a1'],
    ['42', '42'],
    ['bolt-eu-1', 'bolt-eu-1'],
    ['abc--d', 'abc--d'],
    ['x'.repeat(63), 'x'.repeat(63)],
  ])('accepts %s', (text, slug) => expect(checkSlug(text)).toEqual({ ok: true, slug }))

  test.each([
    ['', 'Enter'],
    ['a', 'at least 2'],
    ['x'.repeat(64), 'at most 63'],
    ['-acme', 'start or end'],
    ['acme-', 'start or end'],
    ['xn--acme', 'third and fourth'],
    ['ab--cd', 'third and fourth'],
    [' acme', 'only the letters'],
    ['acme ', 'only the letters'],
    ['acme\n', 'only the letters'],
    ['ac.me', 'only the letters'],
    ['ac_me', 'only the letters'],
    ['_acme-challenge', 'only the letters'],
    ['ａｃｍｅ', 'only the letters'],
    ['аcme', 'only the letters'],
    ['acme\u0000', 'only the letters'],
    ['\u212Aey', 'only the letters'],
    ['admin', 'reserved'],
    ['WWW', 'reserved'],
    ['api', 'reserved'],
    ['master', 'reserved'],
    ['default', 'reserved'],
    ['undefined', 'reserved'],
  ])('refuses %j (%s)', (text, reason) => {
    const result = checkSlug(text)
    expect(result.ok).toBe(false)
    expect(!result.ok && result.reason).toContain(reason)
  })

  test('agrees with isSlug on any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-z0-9-]{0,66}$/),
      fc.constantFrom(...RESERVED_SLUGS),
    )
    fc.assert(
      fc.property(text, (value) => {
        const result = checkSlug(value)
        if (result.ok) expect(isSlug(result.slug)).toBe(true)
        else expect(isSlug(value)).toBe(false)
      }),
    )
  })
})

describe('suggestSlug', () => {
  test.each([
    ['Acme', 'acme'],
    ['Acme, Inc.', 'acme-inc'],
    ['Müller & Söhne', 'muller-and-sohne'],
    ["O'Brien’s", 'obriens'],
    ['Straße 7', 'strasse-7'],
    ['ＡＣＭＥ', 'acme'],
    ['  --  ', ''],
    ['東京', ''],
    ['Admin', 'admin-1'],
    ['T', 't-1'],
    ['xn--acme', 'xn-acme'],
    [`${'a'.repeat(39)} tail`, 'a'.repeat(39)],
  ])('%j becomes %j', (name, slug) => expect(suggestSlug(name)).toBe(slug))

  test('is empty or valid for any name', () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...RESERVED_SLUGS))
    fc.assert(
      fc.property(name, (value) => {
        const slug = suggestSlug(value)
        expect(slug === '' || (SLUG_PATTERN.test(slug) && !RESERVED_SLUGS.has(slug))).toBe(true)
      }),
    )
  })
})
