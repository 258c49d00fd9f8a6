import { Spinner } from '@/ui/spinner'

/** While the server looks at what somebody came with. */
export function Checking({ what }: { what: string }) {
  return (
    <p className="flex items-center gap-2 text-sm text-muted" role="status">
      <Spinner />
      {what}
    </p>
  )
}
