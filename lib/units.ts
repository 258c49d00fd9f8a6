const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Bytes in words: 8 GiB, 1.5 TiB, 512 B. One decimal below ten. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(BINARY.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  const rounded = value < 9.95 && step > 0 ? Math.round(value * 10) / 10 : Math.round(value)
  return `${rounded} ${BINARY[step]}`
}

/** Seconds in the two largest units that say something: "12 d 4 h", "3 h 20 min", "45 s". */
export function formatDuration(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`
}
