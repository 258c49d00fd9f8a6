import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from '@/server/platform/seal'

const root = randomBytes(32)
const place = { purpose: 'mail', tenantId: randomUUID(), rowId: randomUUID() }

test('opens what was sealed for the same place, and every sealing differs', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const sealed = seal(root, place, text)
      expect(unseal(root, place, sealed)).toBe(text)
      expect(seal(root, place, text).equals(sealed)).toBe(false)
    }),
  )
})

test('K20: opens nowhere else: other tenant, other row, other purpose, other secret', () => {
  const sealed = seal(root, place, 'the word')
  const elsewhere = [
    { ...place, tenantId: randomUUID() },
    { ...place, rowId: randomUUID() },
    { ...place, purpose: 'credential' },
  ]
  for (const other of elsewhere) expect(() => unseal(root, other, sealed)).toThrow()
  expect(() => unseal(randomBytes(32), place, sealed)).toThrow()
  expect(unseal(root, place, sealed)).toBe('the word')
})

test('a changed bit anywhere is noticed', () => {
  const sealed = seal(root, place, 'the word')
  for (let i = 0; i < sealed.length; i++) {
    const forged = Buffer.from(sealed)
    forged[i] = (forged[i] ?? 0) ^ 1
    expect(() => unseal(root, place, forged)).toThrow()
  }
  expect(() => unseal(root, place, sealed.subarray(0, 20))).toThrow('not a sealed text')
})
