import { z } from 'zod'
import type { Activity } from '@/server/connectors/contract'
import { rowsOf, seconds } from '@/server/connectors/proxmox/client'

const taskRow = z.object({
  upid: z.string().min(1).max(300),
  type: z.string().max(100),
  id: z.string().max(100).optional().catch(undefined),
  user: z.string().max(200).optional().catch(undefined),
  tokenid: z.string().max(200).optional().catch(undefined),
  status: z.string().max(2000).optional().catch(undefined),
  starttime: seconds,
  endtime: seconds.optional().catch(undefined),
})

const WORDS: Readonly<Record<string, string>> = {
  start: 'Start',
  stop: 'Stop',
  shutdown: 'Shut down',
  reboot: 'Reboot',
  suspend: 'Suspend',
  resume: 'Resume',
  create: 'Create',
  destroy: 'Delete',
  migrate: 'Migrate',
  clone: 'Clone',
  restore: 'Restore',
  snapshot: 'Snapshot',
  rollback: 'Roll back',
  delsnapshot: 'Delete a snapshot',
}

/** What it is about, and what it does: `qmstart` of 100 is a start of qemu/100. */
function meaningOf(type: string, id: string | undefined): { title: string; target?: string } {
  if (type === 'vzdump') return { title: 'Backup' }
  const [, prefix, verb = ''] = /^(qm|vz)(\w+)$/.exec(type) ?? []
  if (prefix === undefined) return { title: type }
  const target =
    id !== undefined && /^[1-9]\d{0,8}$/.test(id) ? `${prefix === 'qm' ? 'qemu' : 'lxc'}/${id}` : undefined
  return { title: (Object.hasOwn(WORDS, verb) && WORDS[verb]) || type, ...(target && { target }) }
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** Reads an answer of /cluster/tasks: the tasks that the token may see, the newest first. */
export function readTasks(data: unknown): Activity[] {
  return rowsOf(taskRow, data)
    .sort((a, b) => b.starttime - a.starttime)
    .map((task) => {
      const ok = task.status === 'OK' || /^WARNINGS: \d+$/.test(task.status ?? '')
      const over = task.endtime !== undefined
      return {
        kind: 'task',
        externalId: task.upid,
        ...meaningOf(task.type, task.id),
        ...(task.user && { actor: task.tokenid ? `${task.user}!${task.tokenid}` : task.user }),
        status: !over ? 'running' : ok ? 'ok' : 'failed',
        ...(over && !ok && task.status && { message: task.status.slice(0, 500) }),
        startedAt: iso(task.starttime),
        ...(task.endtime !== undefined && { endedAt: iso(task.endtime) }),
      }
    })
}
