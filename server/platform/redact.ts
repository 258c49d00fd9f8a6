const SECRET = /pass|secret|token|hash|credential|cookie|authorization|private|apikey|code$/i
const MASK = '•••'

/** A copy in which the value of every secret-sounding field is masked: for audit rows and logs (attack L06). */
export function redact<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item)) as T
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET.test(key) && typeof item === 'string' ? MASK : redact(item as unknown),
    ]),
  ) as T
}
