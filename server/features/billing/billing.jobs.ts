import { callSystem, systemValue } from '@/server/db/system'
import { log } from '@/server/platform/log'
import { HANDLERS } from './events/all'
import { isConfigured, isMissing, livemode } from './stripe'
import { type Outcome, takeOver, takeOverAll } from './subscription'

interface Claimed {
  id: string
  type: string
  object_id: string
  attempts: number
}

/** One after the other: each has its minute. */
const AT_ONCE = 1
/** About two days, at an hour each in the end. */
const ATTEMPTS = 50

let running: Promise<number> | null = null

/** Works off what Stripe told, at most once at a time in this process. @returns how many events were taken up */
export function billingTick(): Promise<number> {
  running ??= work().finally(() => {
    running = null
  })
  return running
}

async function work(): Promise<number> {
  if (!isConfigured()) return 0
  for (let n = 0; ;) {
    const claimed = await callSystem<Claimed, 'stripe_events_claim'>('stripe_events_claim', [AT_ONCE])
    if (claimed.length === 0) return n
    n += claimed.length
    for (const event of claimed) await workOff(event)
  }
}

const STRANGER = 'It is about a customer who is not this installation'
/** Why what was told is about nothing that is known here. */
const PARKED: Partial<Record<Outcome, string>> = {
  customer: STRANGER,
  plan: 'Its price belongs to no plan of this server (STRIPE_PRICES)',
  missing: 'Stripe does not know it',
  mode: 'It is of the other mode, test or live',
}

async function workOff({ id, type, object_id: objectId, attempts }: Claimed): Promise<void> {
  const done = (status: 'done' | 'parked' | 'ignored', reason = '') =>
    systemValue<null, 'stripe_event_done'>('stripe_event_done', [id, status, reason])
  try {
    const subscription = await HANDLERS[type]?.(objectId)
    if (!subscription) return void (await done('ignored', 'It is about no subscription'))
    const why = PARKED[await takeOver(subscription)]
    if (why) log().warn({ event: id, type, why }, 'an event of Stripe was parked')
    await (why ? done('parked', why) : done('done'))
  } catch (error) {
    if (isMissing(error)) return void (await done('parked', PARKED.missing))
    log().warn({ err: error, event: id, type, attempts }, 'an event of Stripe waits for the next try')
    if (attempts >= ATTEMPTS) await done('parked', 'Stripe did not answer, many times')
  }
}

/**
 * Reads anew all that the master has at Stripe, for what was never told, and looks again at what was parked for a reason that may be gone; forgets old
 * events; ends what is of the other mode.
 */
export async function billingRounds(): Promise<void> {
  await systemValue('stripe_events_forget', [])
  if (!isConfigured()) return
  const mode = livemode()
  await systemValue('billing_mode', [mode])
  await systemValue('stripe_events_again', [STRANGER])
  const customer = await systemValue<string | null, 'billing_customer'>('billing_customer', [mode])
  try {
    const read = customer ? await takeOverAll(customer) : new Set()
    // What is stored and not among them.
    for (const { id } of await callSystem<{ id: string }, 'billing_open'>('billing_open', [mode]))
      if (!read.has(id)) await takeOver(id)
  } catch (error) {
    log().warn({ err: error }, 'subscriptions could not be read')
  }
}
