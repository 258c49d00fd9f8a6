/** Calls a key may make at once, and how many a second it gets back. */
interface Allowance {
  burst: number
  perSecond: number
}

const SWAP_MS = 60_000
const MOST_KEYS = 50_000

/**
 * A bucket per key in this process's memory: sheds a flood before it costs a statement. What must hold over all processes
 * is decided in the database (wall.agent_report's pace, wall.rate_hit). Keys that are quiet for a minute or two are forgotten.
 */
export function floodGate({ burst, perSecond }: Allowance, clock: () => number = Date.now) {
  let young = new Map<string, { left: number; at: number }>()
  let old = new Map<string, { left: number; at: number }>()
  let swapAt = clock() + SWAP_MS
  return (key: string): boolean => {
    const now = clock()
    if (now >= swapAt || young.size >= MOST_KEYS) {
      old = young
      young = new Map()
      swapAt = now + SWAP_MS
    }
    const bucket = young.get(key) ?? old.get(key) ?? { left: burst, at: now }
    const left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond)
    young.set(key, { left: left >= 1 ? left - 1 : left, at: now })
    return left >= 1
  }
}
