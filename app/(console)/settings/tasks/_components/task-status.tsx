import type { TaskRow } from '@/server/features/tasks/tasks.schema'
import { Badge } from '@/ui/badge'
import { Progress } from '@/ui/progress'

const WORDS = {
  queued: { label: 'Waiting', tone: 'neutral' },
  running: { label: 'Running', tone: 'info' },
  done: { label: 'Done', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
} as const

/** How a task is doing, in a word. */
export function TaskStatus({ status }: Pick<TaskRow, 'status'>) {
  const { label, tone } = WORDS[status]
  return <Badge tone={tone}>{label}</Badge>
}

/** How far a task is. */
export function TaskProgress({ task }: { task: Pick<TaskRow, 'title' | 'done' | 'total' | 'status'> }) {
  const count = (n: number) => n.toLocaleString('en')
  return (
    <Progress
      label={task.title}
      hideLabel
      value={task.done}
      max={Math.max(1, task.total)}
      tone={task.status === 'failed' ? 'danger' : task.status === 'done' ? 'success' : 'accent'}
      text={`${count(task.done)} of ${count(task.total)}`}
    />
  )
}
