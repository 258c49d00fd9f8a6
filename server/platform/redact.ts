const SECRET = /pass|secret|token|hash|credential|cookie|authorization|private|apikey/i
/** One-time codes; an error's or a currency's `code` alone says nothing secret. */
const SECRET_CODE = /(setup|signIn|recovery|backup|otp|auth|onetime|enrol\w*)_?codes?$/i
const MASK = '•••'

const isSecret = (key: string) => SECRET.test(key) || SECRET_CODE.test(key)

/**
 * A copy in which the value of every secret-sounding field is masked, however deep: for audit rows and logs (attack L06).
 * Flags and numbers stay (`mustChangePassword: true`); bytes are never shown.
 */
export function redact<T>(value: T, secret = false): T {
  if (typeof value === 'string') return (secret ? MASK : value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item, secret)) as T
  if (value instanceof Uint8Array) return MASK as T
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error)
    return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redact(item as unknown, isSecret(key))]),
  ) as T
}
