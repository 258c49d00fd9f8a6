import { Alert } from '@/ui/alert'
import { CodeBlock } from '@/ui/code-block'

/** Recovery codes, which are shown this once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className="grid gap-4">
      <Alert tone="warning" title="Keep these codes now">
        They are shown this once. Each lets you in once when you have lost your phone or passkey: print them
        or put them into a password manager.
      </Alert>
      <CodeBlock code={codes.join('\n')} title="Recovery codes" label="recovery codes" />
    </div>
  )
}
