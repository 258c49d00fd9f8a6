import { systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'

const EVERY_MS = 500
/** As many ids as fit into one notice. */
const AT_ONCE = 200

const waiting = new Set<string>()
let timer: NodeJS.Timeout | undefined

/**
 * Tells open pages that this host reported, together with all that did within half a second. Not in the report's own
 * transaction: NOTIFY takes one lock of the whole server at commit, and reports would queue for it.
 */
export function noteReport(hostId: string): void {
  waiting.add(hostId)
  timer ??= setTimeout(() => void flush(), EVERY_MS).unref()
}

async function flush(): Promise<void> {
  timer = undefined
  const ids = [...waiting]
  waiting.clear()
  try {
    for (let i = 0; i < ids.length; i += AT_ONCE)
      await systemValue<null, 'notify_reports'>('notify_reports', [ids.slice(i, i + AT_ONCE)])
  } catch (error) {
    log().warn({ err: error }, 'pages were not told of reports') // they hear of the next one
  }
}
