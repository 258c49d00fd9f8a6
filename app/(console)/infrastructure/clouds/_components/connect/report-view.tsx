import type { Report } from '@/server/features/connections/connections.schema'
import { Alert } from '@/ui/alert'
import { CodeBlock } from '@/ui/code-block'

/** What a cloud said of itself and of the rights that the connection has in it. */
export function ReportView({ report }: { report: Report }) {
  return (
    <div className="grid gap-3">
      <Alert tone="success" title={report.server}>
        {report.findings.length === 0 && 'The connection may do all that Freehold can do with it.'}
      </Alert>
      {report.findings.map(({ level, message, remedy, commands }) => (
        <Alert key={message} tone={level === 'error' ? 'danger' : 'warning'} title={message}>
          <div className="grid gap-2">
            <p>{remedy}</p>
            {commands && commands.length > 0 && (
              <CodeBlock title="Run on the cloud" label="commands" code={commands.join('\n')} />
            )}
          </div>
        </Alert>
      ))}
    </div>
  )
}
