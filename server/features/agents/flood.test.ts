import { expect, it } from 'vitest'
import { floodGate } from '@/server/features/agents/flood'

it('lets a burst through, then its pace, each key for itself', () => {
  let now = 0
  const may = floodGate({ burst: 3, perSecond: 0.5 }, () => now)
  expect([may('a'), may('a'), may('a'), may('a')]).toEqual([true, true, true, false])
  expect(may('b')).toBe(true)
  now = 1999
  expect(may('a')).toBe(false)
  now = 4000
  expect([may('a'), may('a'), may('a')]).toEqual([true, true, false])
})

it('forgets quiet keys, and not those that go on', () => {
  let now = 0
  const may = floodGate({ burst: 1, perSecond: 0.001 }, () => now)
  expect([may('a'), may('a')]).toEqual([true, false])
  for (now = 30_000; now < 300_000; now += 30_000) expect(may('a')).toBe(false)
})
