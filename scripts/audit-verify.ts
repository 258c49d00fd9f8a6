// `npm run audit:verify`: recomputes the hash chain of every tenant's audit log, outside of the database, and prints each
// head. Write the heads down elsewhere: a log cut off at its end shows only against an older head.
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { openEverything } from '@/server/start'

const { database, runtime } = await openEverything()
try {
  const verdicts = await verifyEveryChain()
  for (const { slug, checked, brokenAt, head } of verdicts) {
    console.log(
      `${slug.padEnd(24)} ${String(checked).padStart(9)} events  ${brokenAt === null ? 'intact' : `BROKEN at ${brokenAt}`}  head ${head}`,
    )
  }
  if (verdicts.some(({ brokenAt }) => brokenAt !== null)) process.exitCode = 1
} finally {
  await runtime.close()
  await database.close()
}
