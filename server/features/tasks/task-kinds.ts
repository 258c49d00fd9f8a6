import { z } from 'zod'
import type { SignedInOp } from '@/server/context/op'
import { runMove } from '@/server/features/host-moves/host-moves.run'
import { runUndo } from '@/server/features/host-moves/host-moves.undo.service'
import { assign } from '@/server/features/resources/resources.assign.service'
import type { TaskWork } from '@/server/features/tasks/tasks.service'
import type { Declaration } from '@/server/rpc/declaration'

interface TaskKind {
  /** What who asked must be allowed when it runs, as when they asked. */
  declaration: Declaration
  /** Does it in one transaction, and says so by `work.finish`. Begun twice, it does the same. */
  run: (op: SignedInOp, input: unknown, work: TaskWork) => Promise<unknown>
}

const assignInput = z.strictObject({ ids: z.array(z.uuid()), tenantId: z.uuid() })

/** All work that is done in the background, by the name that its rows hold for ever. */
export const TASK_KINDS: Readonly<Record<string, TaskKind>> = {
  'cloud.assign': {
    declaration: {
      scope: 'master',
      permission: ['clouds', 'full'],
      licence: 'use',
      audit: 'resource.assign',
      summary: 'Assign clouds to a tenant with all that is in them',
    },
    run: (op, input, work) => {
      const { ids, tenantId } = assignInput.parse(input)
      return assign(op, 'cloud', ids, tenantId, work)
    },
  },
  'host.migrate': {
    declaration: {
      scope: 'master',
      permission: ['hosts', 'full'],
      licence: 'use',
      audit: 'host.migrate',
      summary: 'Migrate hosts to another tenant',
    },
    run: runMove,
  },
  'host.migrate_undo': {
    declaration: {
      scope: 'master',
      permission: ['hosts', 'full'],
      licence: 'use',
      audit: 'host.migrate_undo',
      summary: 'Undo a migration of hosts',
    },
    run: runUndo,
  },
}
