import { describe, expect, it } from 'vitest'
import { commonNameOf, normalDn } from './ldap-dn'

describe('distinguished names', () => {
  it('are equal in one form, however they are written', () => {
    const same = [
      'cn=Ops\\, Team,ou=Groups,DC=acme',
      'CN=ops\\2c  team , OU = groups, dc=ACME',
      'cn=ops\\2C\\20team,ou=groups,dc=acme',
    ]
    expect(new Set(same.map(normalDn))).toEqual(new Set(['cn=ops\\, team,ou=groups,dc=acme']))
    expect(normalDn('uid=b+cn=A,dc=x')).toBe(normalDn('CN=a+UID=B,dc=x'))
    expect(normalDn('cn=J\\C3\\BCrgen,dc=x')).toBe(normalDn('cn=jürgen,dc=x'))
    // what is a part of a value is no part of the name
    expect(normalDn('cn=ops\\,dc=acme,dc=x')).not.toBe(normalDn('cn=ops,dc=acme,dc=x'))
    for (const dn of same) expect(normalDn(normalDn(dn) ?? '')).toBe(normalDn(dn))
  })

  it('are none without a type and a value in each part', () => {
    for (const text of ['', 'ops', 'EXTERNAL', 'cn=', '=x', 'cn=a,', ',cn=a', 'cn=a\\', 'cn=a\\zz', 'c n=a'])
      expect([text, normalDn(text)]).toEqual([text, null])
  })

  it('are read in a time that grows with their length alone, and are none beyond 4,000 characters', () => {
    const began = performance.now()
    expect(normalDn(`cn=${'a '.repeat(10)}${' '.repeat(200_000)}b`)).toBeNull()
    const long = `cn=a${' '.repeat(3900)}\\`
    for (let i = 0; i < 200; i++) expect(normalDn(long)).toBeNull()
    expect(performance.now() - began).toBeLessThan(1500)
    expect(normalDn(`cn=${'a'.repeat(3900)},dc=x`)).not.toBeNull()
    expect(normalDn(`cn=${'a'.repeat(4000)},dc=x`)).toBeNull()
    expect([normalDn('cn= a \\  ,dc=x'), normalDn('cn=a\\ ,dc=x')]).toEqual(['cn=a\\ ,dc=x', 'cn=a\\ ,dc=x'])
  })

  it('tell their common name', () => {
    expect(commonNameOf('CN=Domain Ops\\, all,OU=x')).toBe('Domain Ops, all')
    expect([commonNameOf('ou=x,cn=a'), commonNameOf('x')]).toEqual([null, null])
  })
})
