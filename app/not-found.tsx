import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

export default function NotFound() {
  return <ErrorState kind="not-found" action={<ButtonLink href="/">Go home</ButtonLink>} />
}
