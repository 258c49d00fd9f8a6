/** Somebody gains or loses something by a change: what is shown before it is saved, and what its audit rows say after. */
export interface Effect {
  /** Whose: also the log it stands in, beside the master's. */
  tenantId: string
  tenant: string
  /** A person, `12 people`; empty: the tenant as a whole. */
  who: string
  change: 'gains' | 'loses'
  /** `Host web-01 (sees it)`, `Networks: read → full`. */
  what: string
}

/** The line that people read. */
export function effectLine({ tenant, who, change, what }: Effect): string {
  const several = /^\d+ people$/.test(who)
  const verb = several ? { gains: 'gain', loses: 'lose' }[change] : change
  return `${who === '' ? tenant : `${tenant}: ${who}`} ${verb} ${what}`
}

/** The lines for one tenant's log; the master's has all. */
export const effectLines = (effects: readonly Effect[], tenantId?: string): string[] =>
  effects.filter((one) => tenantId === undefined || one.tenantId === tenantId).map(effectLine)
