import { Undo2 } from 'lucide-react'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PollWhile } from '@/app/(console)/settings/tasks/_components/poll-while'
import { TaskProgress, TaskStatus } from '@/app/(console)/settings/tasks/_components/task-status'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { PageHeader } from '@/ui/page-header'
import { RelativeTime } from '@/ui/relative-time'

export const metadata = pageMetadata('(console)/settings/tasks/[id]')

export default definePage('(console)/settings/tasks/[id]', async ({ api, paths, params }) => {
  const task = await api.tasks.get({ id: params.id ?? '' })
  const active = task.status === 'queued' || task.status === 'running'
  return (
    <>
      <PollWhile active={active} />
      <PageHeader
        title={task.title}
        breadcrumbs={[{ label: 'Tasks', href: paths.tasks }, { label: task.title }]}
        meta={<TaskStatus status={task.status} />}
        actions={
          task.kind === 'host.migrate' &&
          task.status === 'done' && (
            <ButtonLink href={paths.hostMigration(task.id)} icon={<Undo2 aria-hidden />}>
              See or undo it
            </ButtonLink>
          )
        }
      />
      <div className="grid max-w-3xl gap-4">
        {task.status === 'failed' && (
          <Alert tone="danger" title="It failed, and nothing has changed">
            {task.error}
          </Alert>
        )}
        <Card title="Progress">
          <div className="grid gap-4">
            <TaskProgress task={task} />
            {active && (
              <p className="text-sm text-muted">
                {task.status === 'queued'
                  ? 'It begins within ten seconds.'
                  : 'All of it takes effect together, at the end.'}{' '}
                You may leave this page; the task goes on.
              </p>
            )}
            <DescriptionList
              items={[
                { label: 'By', value: task.mine ? 'You' : task.by || 'Somebody else' },
                { label: 'Asked for', value: <RelativeTime date={task.createdAt} /> },
                ...(task.finishedAt
                  ? [{ label: 'Ended', value: <RelativeTime date={task.finishedAt} /> }]
                  : []),
              ]}
            />
          </div>
        </Card>
        {task.lines.length > 0 && (
          <Card title="What changed">
            <ul className="grid list-disc gap-1 pl-4 text-sm wrap-anywhere">
              {task.lines.map((line, index) => (
                <li key={index}>{line}</li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  )
})
