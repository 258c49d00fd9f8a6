import type { ActionName, FoundKind } from '@/server/connectors/contract'
import { systemValue } from '@/server/db/system'
import { dial, liveConnection, tellable } from '@/server/features/connections/dial'
import { wakeSync } from '@/server/features/connections/sync.wake'
import { createCrew } from '@/server/platform/crew'
import { log } from '@/server/platform/log'

/** What wall.action_claim() answers. */
interface Claim {
  id: string
  name: ActionName
  snapshot: string
  /** Of the work in the cloud, where it was asked for already. */
  handle: string | null
  /** It may have been asked for: nobody knows. */
  interrupted: boolean
  kind: FoundKind
  externalId: string | null
  cloudId: string | null
  /** Whether whoever asked still uses the machine. */
  allowed: boolean
}

const BEAT_MS = 5000
/** The longest that is waited for an end, in ms. */
const LONGEST_MS = 30 * 60_000
const AT_ONCE = 16

interface End {
  ok: boolean
  message: string
}
const failed = (message: string): End => ({ ok: false, message })

const beat = (id: string, handle: string | null) =>
  systemValue<null, 'action_beat'>('action_beat', [id, handle])

async function work(claim: Claim): Promise<End> {
  if (!claim.allowed) return failed('It is not yours to use any more')
  const live = claim.cloudId === null ? null : await liveConnection(claim.cloudId)
  if (!live || claim.externalId === null) return failed('Its cloud is not connected any more')
  // Asked for once: on a lost answer nobody knows what the cloud did (the contract of connectors).
  if (claim.interrupted && claim.handle === null)
    return failed('Freehold was interrupted while it asked. Look how the machine is before you do it again.')
  const { connector, context } = dial(live, AbortSignal.timeout(LONGEST_MS))
  if (!connector.act || !connector.follow) return failed('Its cloud cannot do this')
  const target = { kind: claim.kind, externalId: claim.externalId }
  const handle =
    claim.handle ??
    (await connector.act(context, {
      name: claim.name,
      target,
      ...(claim.snapshot && { snapshot: claim.snapshot }),
    }))
  await beat(claim.id, handle)
  return connector.follow(context, handle)
}

async function run(claim: Claim): Promise<void> {
  const timer = setInterval(() => {
    beat(claim.id, null).catch((error: unknown) =>
      log().warn({ err: error }, 'an action could not say that it goes on'),
    )
  }, BEAT_MS)
  try {
    const end = await work(claim).catch((error: unknown) => {
      const told = tellable(error)
      if (!told) log().error({ err: error, action: claim.id }, 'an action failed')
      return failed(told?.message ?? 'Something went wrong on our side')
    })
    await systemValue<null, 'action_done'>('action_done', [claim.id, end.ok, end.message])
    wakeSync()
  } finally {
    clearInterval(timer)
  }
}

/** What was asked for, and waiting for its end. */
export const { tick: actionsTick, ended: actionsEnded } = createCrew<Claim>(
  AT_ONCE,
  () => systemValue<Claim | null, 'action_claim'>('action_claim', []),
  run,
  'an action could not be ended',
)
