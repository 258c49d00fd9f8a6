import { expect, test } from 'vitest'
import { moneyText } from './money'

test('money is said in the digits of its currency', () => {
  expect(moneyText(123450, 'EUR')).toBe('€1,234.50')
  expect(moneyText(-900, 'USD')).toBe('-$9.00')
  expect(moneyText(500, 'JPY')).toBe('¥500')
  expect(moneyText(1234, 'KWD')).toMatch(/^KWD\s1\.234$/)
})
