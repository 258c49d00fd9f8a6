import { MASTER_TENANT_ID } from '@/lib/master'
import { assertAllowed } from '@/server/authz/assert'
import { buildAuthority } from '@/server/context/authority'
import type { SignedInOp } from '@/server/context/op'
import { authorityOfTask, inTenant, type ScopeOp } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { TASK_KINDS } from '@/server/features/tasks/task-kinds'
import { finishTask } from '@/server/features/tasks/tasks.service'
import { AppError, denied } from '@/server/platform/errors'
import { log } from '@/server/platform/log'

const HEARTBEAT_MS = 5000

/** What wall.task_claim() answers. */
interface Claim {
  id: string
  tenantId: string
  slug: string
  kind: string
  input: unknown
  attempt: number
  userId: string
  requestId: string
  ip: string
}

let running: Promise<number> | null = null
/** Somebody asked since the run under way looked last: what they know of may have come after that look. */
let again = false

/** Does the tasks that wait, one after the other, at most one at a time in this process. @returns how many the run did */
export function runTasks(): Promise<number> {
  again = true
  running ??= work()
  return running
}

async function work(): Promise<number> {
  let n = 0
  try {
    while (again) {
      again = false
      for (let claim = await claimTask(); claim; claim = await claimTask(), n++) await runTask(claim)
    }
    return n
  } finally {
    // Between the last look at `again` and this nothing is awaited: no call falls into a gap.
    running = null
  }
}

const claimTask = (): Promise<Claim | null> => systemValue<Claim | null, 'task_claim'>('task_claim', [])

/** One attempt. What goes wrong is the task's to tell; its worker goes on with the next. */
async function runTask(claim: Claim): Promise<void> {
  let done = 0
  const tell = () =>
    void systemValue<null, 'task_progress'>('task_progress', [claim.id, claim.attempt, done]).catch(
      (error: unknown) => log().warn({ err: error, task: claim.id }, 'task heartbeat failed'),
    )
  const timer = setInterval(tell, HEARTBEAT_MS)
  try {
    const kind = TASK_KINDS[claim.kind]
    if (!kind) throw denied('This version does not know such a task')
    const op = await operationOf(claim, kind.declaration)
    await kind.run(op, claim.input, {
      id: claim.id,
      progress: (n) => {
        done = n
        tell()
      },
      finish: (tx, result) => finishTask(tx, claim.id, claim.attempt, result),
    })
  } catch (error) {
    await fail(claim, error)
  } finally {
    clearInterval(timer)
  }
}

/** As who asked, with the rights that they have now. @throws AppError 403 when they are gone or may nothing any more */
async function operationOf(
  claim: Claim,
  declaration: NonNullable<ScopeOp['call']>['declaration'],
): Promise<SignedInOp> {
  const isMaster = claim.tenantId === MASTER_TENANT_ID
  const bare = {
    requestId: claim.requestId,
    ip: claim.ip,
    userAgent: 'task',
    host: isMaster
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug: claim.slug, path: '/', prefix: '' } as const),
    session: { id: claim.id, tokenHash: '', createdAt: '', absoluteExpiresAt: '' },
    call: { name: `task ${claim.kind}`, declaration, audited: false },
    task: { id: claim.id, attempt: claim.attempt },
  }
  const tenant = { id: claim.tenantId, slug: claim.slug, isMaster } as SignedInOp['tenant']
  const asker = { ...bare, tenant, actor: { userId: claim.userId } as SignedInOp['actor'] }
  const row = await inTenant(asker, (tx) => authorityOfTask(tx, claim.id))
  const authority = row && buildAuthority(row)
  if (!authority) throw denied('Whoever asked for it may not do this any more')
  const op = { ...bare, ...authority }
  assertAllowed(op, declaration)
  return op
}

async function fail(claim: Claim, error: unknown): Promise<void> {
  const expected = error instanceof AppError
  if (!expected) log().error({ err: error, task: claim.id }, 'task failed')
  const why = expected ? error.message : 'Something went wrong on our side. Nothing has changed. Try again.'
  await systemValue<null, 'task_fail'>('task_fail', [claim.id, claim.attempt, why])
  const event = {
    event: TASK_KINDS[claim.kind]?.declaration.audit ?? 'task.run',
    targetKind: 'task',
    targetId: claim.id,
    result: expected && error.status === 403 ? 'denied' : 'failed',
    reason: why,
    requestId: claim.requestId,
    ip: claim.ip,
  }
  await systemValue<null, 'audit_system'>('audit_system', [
    claim.tenantId,
    claim.userId,
    'Background task',
    event,
  ])
}
