const NAMES = new Intl.DisplayNames('en', { type: 'currency' })

/** Codes of ISO 4217 that this runtime knows, sorted. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf('currency')

/** Whether the text is, exactly, a currency code of ISO 4217. */
export const isCurrency = (code: string): boolean => CURRENCIES.includes(code)

/** "Euro (EUR)". */
export function currencyLabel(code: string): string {
  return isCurrency(code) ? `${NAMES.of(code)} (${code})` : code
}
