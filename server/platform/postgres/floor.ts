/** First minor release of each major version without a known way round row-level security (CVE-2024-10976, CVE-2025-8713). */
const FLOOR: Record<number, number> = { 15: 14, 16: 10, 17: 6 }

/**
 * What to tell the operator of a PostgreSQL server with known holes in the wall (attack K19); null: all is well.
 * @param num as `server_version_num` has it: 150013 is 15.13
 */
export function patchAdvice(num: number): string | null {
  const [major, minor] = [Math.floor(num / 10_000), num % 10_000]
  const floor = FLOOR[major]
  if (floor === undefined || minor >= floor) return null
  return `PostgreSQL ${major}.${minor} has known holes in row-level security: update it to ${major}.${floor} or newer`
}
