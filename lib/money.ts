/** Digits after the point of a currency: 2 for EUR, 0 for JPY. */
const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** "€1,234.50" from 123450 and EUR. @param amount in the smallest unit of the currency @param currency code of ISO 4217 */
export function moneyText(amount: number, currency: string): string {
  const value = amount / 10 ** digitsOf(currency)
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(value)
}
