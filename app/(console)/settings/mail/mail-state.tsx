import type { MailState } from '@/server/features/mail/mail.schema'
import { Alert } from '@/ui/alert'

/** Where mail goes; without a mail server, what that means and what to do. */
export function MailStateNote({ state: { server } }: { state: MailState }) {
  return (
    <div className="mb-4">
      {server ? (
        <p className="text-sm text-muted">
          Sent by <span className="font-mono text-xs">{server.host}</span> from{' '}
          <span className="font-mono text-xs">{server.from}</span>.
        </p>
      ) : (
        <Alert tone="warning" title="No mail server is set: mail stays here">
          Set SMTP_URL in the environment of the server and restart it. Until then nobody gets their mail. You
          can read it here for 7 days and pass on what it says; a link in it lets its reader in, so each look
          is recorded.
        </Alert>
      )}
    </div>
  )
}
