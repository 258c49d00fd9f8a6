import { setTimeout as pause } from 'node:timers/promises'
import type { Connector, ConnectorContext, Created, Creation } from '@/server/connectors/contract'
import { systemValue } from '@/server/db/system'
import { dial, liveConnection, tellable } from '@/server/features/connections/dial'
import { wakeSync } from '@/server/features/connections/sync.wake'
import { createCrew } from '@/server/platform/crew'
import { log } from '@/server/platform/log'

/** What wall.creation_claim() answers. */
interface Claim {
  id: string
  name: string
  spec: Omit<Creation, 'name'>
  handle: string | null
  /** It may have been asked for: nobody knows. */
  interrupted: boolean
  cloudId: string
  externalId: string | null
  /** Whether whoever asked still may. */
  allowed: boolean
}

const BEAT_MS = 5000
const LONGEST_MS = 60 * 60_000
const AT_ONCE = 8
/** Two that are made at once may be told the same id: the second one asks again. */
const TRIES = 20
const TRY_MS = 500

const failed = (message: string): Created => ({ ok: false, message, status: 'unknown' })
const beat = (id: string, handle: string | null) =>
  systemValue<null, 'creation_beat'>('creation_beat', [id, handle])

/** An id in the cloud that is this machine's alone. */
async function reserve(
  connector: Required<Pick<Connector, 'newId'>>,
  context: ConnectorContext,
  claim: Claim,
  creation: Creation,
): Promise<string | null> {
  for (let tried = 0; tried < TRIES; tried++) {
    const id = await connector.newId(context, creation)
    if (await systemValue<boolean, 'creation_reserve'>('creation_reserve', [claim.id, id])) return id
    await pause(TRY_MS, undefined, { signal: context.signal })
  }
  return null
}

async function work(claim: Claim): Promise<Created> {
  if (claim.interrupted && claim.handle === null)
    return failed('Freehold was interrupted while it asked. Look into the cloud before you make it again.')
  if (!claim.allowed && claim.handle === null) return failed('Its cloud is not yours to use any more')
  const live = await liveConnection(claim.cloudId)
  if (!live) return failed('Its cloud is not connected any more')
  const { connector, context } = dial(live, AbortSignal.timeout(LONGEST_MS))
  const { newId, create, finish } = connector
  if (!newId || !create || !finish) return failed('No machines are made in this cloud')
  const creation: Creation = { ...claim.spec, name: claim.name }
  const id = claim.externalId ?? (await reserve({ newId }, context, claim, creation))
  if (id === null) return failed('The cloud names no id that is free. Try it again.')
  const handle = claim.handle ?? (await create(context, creation, id))
  await beat(claim.id, handle)
  return finish(context, creation, id, handle)
}

async function run(claim: Claim): Promise<void> {
  const timer = setInterval(() => {
    beat(claim.id, null).catch((error: unknown) =>
      log().warn({ err: error }, 'a creation could not say that it goes on'),
    )
  }, BEAT_MS)
  try {
    const end = await work(claim).catch((error: unknown) => {
      const told = tellable(error)
      if (!told) log().error({ err: error, creation: claim.id }, 'a machine could not be made')
      return failed(told?.message ?? 'Something went wrong on our side')
    })
    await systemValue<null, 'creation_done'>('creation_done', [
      claim.id,
      end.ok,
      end.message,
      end.externalId ?? null,
      end.status,
    ])
    wakeSync()
  } finally {
    clearInterval(timer)
  }
}

/** The machines that were asked for, and waiting for their end. */
export const { tick: creationsTick, ended: creationsEnded } = createCrew<Claim>(
  AT_ONCE,
  () => systemValue<Claim | null, 'creation_claim'>('creation_claim', []),
  run,
  'a creation could not be ended',
)
