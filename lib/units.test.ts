import { expect, it } from 'vitest'
import { formatBytes, formatDuration } from '@/lib/units'

it.each([
  [0, '0 B'],
  [512, '512 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [8 * 1024 ** 3, '8 GiB'],
  [8_589_000_000, '8 GiB'],
  [15.6 * 1024 ** 3, '16 GiB'],
  [2 ** 70, '1048576 PiB'],
])('%d bytes read %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words))

it.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [61, '1 min'],
  [3600, '1 h'],
  [12_000, '3 h 20 min'],
  [86_400 * 12 + 4 * 3600, '12 d 4 h'],
])('%d seconds read %s', (seconds, words) => expect(formatDuration(seconds)).toBe(words))
