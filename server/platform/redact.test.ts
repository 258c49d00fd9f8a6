import { describe, expect, it } from 'vitest'
import { redact } from '@/server/platform/redact'

describe('redact', () => {
  it('L06 masks secrets by their field, however deep', () => {
    const before = {
      name: 'web-01',
      password: 'CNRY',
      newPassword: 'CNRY',
      user: { passwordHash: 'CNRY', sessions: [{ token_hash: 'CNRY', id: 's1' }] },
      apiKey: 'CNRY',
      private_key: 'CNRY',
      Authorization: 'CNRY',
      headers: { cookie: 'CNRY', 'set-cookie': ['CNRY', 'CNRY'] },
      recoveryCodes: ['CNRY', 'CNRY'],
      setupCode: 'CNRY',
      tokens: ['CNRY'],
      bytes: Buffer.from('CNRY'),
      tokenHash: new Uint8Array([67, 78, 82, 89]),
    }
    const after = JSON.stringify(redact(before))
    expect(after).not.toContain('CNRY')
    expect(after).not.toContain('67')
    expect(JSON.parse(after)).toMatchObject({ name: 'web-01', user: { sessions: [{ id: 's1' }] } })
    expect(before.password, 'a copy').toBe('CNRY')
  })

  it('leaves what is no secret', () => {
    const at = new Date()
    const plain = {
      code: 'not_found',
      currency: 'EUR',
      at,
      mustChangePassword: true,
      maxTokens: 3,
      none: null,
      missing: undefined,
    }
    expect(redact(plain)).toEqual(plain)
    expect(redact('text')).toBe('text')
    expect(redact(undefined)).toBeUndefined()
    expect(redact([{ a: 1 }])).toEqual([{ a: 1 }])
  })
})
