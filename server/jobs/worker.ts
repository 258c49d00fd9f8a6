import { randomUUID } from 'node:crypto'
import { Logger, run } from 'graphile-worker'
import { takingTurns } from '@/server/db/bootstrap'
import { databaseOf, loginName, roleUrl } from '@/server/db/urls'
import { systemValue } from '@/server/db/system'
import { hostSweep, tidy } from '@/server/features/agents/agents.jobs'
import { stopLooks, syncTick } from '@/server/features/connections/sync'
import { consolesTick } from '@/server/features/machines/consoles.jobs'
import { onSyncWake } from '@/server/features/connections/sync.wake'
import { forgetActivity } from '@/server/features/connections/streams'
import { endWatches, watchTick } from '@/server/features/connections/watch'
import { grantsTick } from '@/server/features/grants/grants.jobs'
import { forgetHostMoves } from '@/server/features/host-moves/host-moves.jobs'
import { forgetInvitations } from '@/server/features/invitations/invitations.jobs'
import { forgetLinks } from '@/server/features/recovery/recovery.service'
import { billingRounds, billingTick } from '@/server/features/billing/billing.jobs'
import { onBillingWake } from '@/server/features/billing/billing.wake'
import { noteClock } from '@/server/features/licence/licence.jobs'
import { actionsTick } from '@/server/features/machines/machines.jobs'
import { creationsTick } from '@/server/features/machines/creations.jobs'
import { onActionsWake, onCreationsWake } from '@/server/features/machines/machines.wake'
import { forgetMail, sendMail } from '@/server/features/mail/mail.jobs'
import { closeMailServer } from '@/server/features/mail/mail.server'
import { onMailWake } from '@/server/features/mail/mail.wake'
import { forgetMatrixChanges } from '@/server/features/matrix/matrix.jobs'
import { forgetSignUps } from '@/server/features/sign-up/sign-up.jobs'
import { usageTick } from '@/server/features/usage/usage.jobs'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { onWake as onTasksWake } from '@/server/features/tasks/tasks.wake'
import { env } from '@/server/platform/env'
import { log } from '@/server/platform/log'
import type { OpenDatabase } from '@/server/platform/postgres/open'

const TICK_MS = 10_000
/** Our word for the queue's. What it calls information is of no use to an operator. */
const LEVEL = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const

/** What is forgotten in time. */
const HOURLY = [
  tidy,
  forgetActivity,
  forgetMatrixChanges,
  forgetHostMoves,
  forgetMail,
  forgetInvitations,
  forgetLinks,
  forgetSignUps,
  billingRounds,
]

/** Beside the tick, as it may take minutes; at once when a request of this process asks. */
const LANES = [
  { what: 'taking up tasks', run: runTasks, onWake: onTasksWake },
  { what: 'sending mail', run: sendMail, onWake: onMailWake },
  { what: 'following subscriptions', run: billingTick, onWake: onBillingWake },
  { what: 'looking into clouds', run: syncTick, onWake: onSyncWake },
  { what: 'listening to clouds', run: watchTick, onWake: () => undefined },
  { what: 'acting in clouds', run: actionsTick, onWake: onActionsWake },
  { what: 'making machines', run: creationsTick, onWake: onCreationsWake },
]
const startOf =
  ({ what, run }: (typeof LANES)[number]) =>
  (): void =>
    void run().catch((error: unknown) => log().error({ err: error }, `${what} failed`))

/** Jobs by the clock: graphile-worker's queue on the same PostgreSQL, and a tick for what must happen within seconds. */
export async function startWorker(database: Pick<OpenDatabase, 'adminUrl' | 'directUrl'>, secret: string) {
  await allowOwnSchema(database.adminUrl)
  const runner = await run({
    connectionString: roleUrl(database.directUrl, 'worker', secret),
    concurrency: 4,
    maxPoolSize: Math.max(2, env().POOL_WORKER_MAX),
    noHandleSignals: true,
    taskList: { tidy: async () => void (await Promise.all(HOURLY.map((one) => one()))) },
    crontab: '17 * * * * tidy',
    logger: new Logger(() => (level, message) => log()[LEVEL[level]]({ from: 'queue' }, message)),
  })
  const id = randomUUID()
  const tick = () =>
    Promise.all([
      hostSweep(),
      grantsTick(),
      consolesTick(),
      noteClock(),
      usageTick(),
      systemValue('heartbeat', [id]),
    ]).catch((error: unknown) => log().error({ err: error }, 'worker tick failed'))
  await tick()
  const lanes = LANES.map(startOf)
  const timer = setInterval(() => {
    void tick()
    for (const start of lanes) start()
  }, TICK_MS)
  LANES.forEach(({ onWake }, i) => onWake(lanes[i] ?? null))
  for (const start of lanes) start()
  void runner.promise.catch((error: unknown) => {
    clearInterval(timer) // no heartbeat any more: the readiness check says so
    log().error({ err: error }, 'worker stopped')
  })
  return {
    stop: async () => {
      clearInterval(timer)
      for (const { onWake } of LANES) onWake(null)
      closeMailServer()
      await Promise.all([endWatches(), stopLooks()])
      await runner.stop()
    },
  }
}

/** graphile-worker makes and owns a schema of its own: its row-level security lets no one else in. */
const allowOwnSchema = (adminUrl: string): Promise<void> =>
  takingTurns(adminUrl, async (client) => {
    const name = databaseOf(adminUrl)
    await client.query(
      `grant create on database ${client.escapeIdentifier(name)} to ${client.escapeIdentifier(loginName(name, 'worker'))}`,
    )
  })
