import { Alert } from '@/ui/alert'
import { TextLink } from '@/ui/text-link'

/** For a link that does not work, and the way on. */
export function DeadLink({ message, href, label }: { message: string; href: string; label: string }) {
  return (
    <div className="grid gap-4">
      <Alert tone="warning">{message}</Alert>
      <p className="text-sm">
        <TextLink href={href}>{label}</TextLink>
      </p>
    </div>
  )
}
