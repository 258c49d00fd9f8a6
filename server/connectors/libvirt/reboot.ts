import { setTimeout as pause } from 'node:timers/promises'
import { DOMAIN_REBOOT, EVENT, GET_TYPE, readDomain, WATCH_DOMAINS, type Domain } from './procedures'
import type { Session } from './session'

/** How long a guest may take to shut down and begin again, in ms. */
const REBOOT_MS = 90_000
const REBOOTED = 1

/**
 * Asks for a reboot and waits for the guest to do it. Only an event tells that: before and after, the machine is running. Other
 * hypervisors than QEMU have no such event, and answer when it is done.
 * @returns whether it was seen @throws ConnectorError
 */
export async function reboot(session: Session, domain: Domain): Promise<boolean> {
  if ((await session.call(GET_TYPE)) !== 'QEMU') {
    await session.callFor(REBOOT_MS, DOMAIN_REBOOT, domain)
    return true
  }
  const stop = new AbortController()
  const seen = new Promise<true>((resolve) => {
    session.onEvent = (procedure, xdr) => {
      if (procedure !== EVENT.domainReboot) return
      // the number of whoever asked for the event
      xdr.int()
      if (readDomain(xdr).uuid === domain.uuid) resolve(true)
    }
  })
  try {
    await session.call(WATCH_DOMAINS, REBOOTED, domain)
    await session.callFor(REBOOT_MS, DOMAIN_REBOOT, domain)
    const over = pause(REBOOT_MS, false, { signal: stop.signal }).catch(() => false)
    const lost = session.ended.then((why) => Promise.reject(why))
    return await Promise.race([seen, over, lost])
  } finally {
    stop.abort()
  }
}
