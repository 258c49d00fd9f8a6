import { CodeBlock } from '@/ui/code-block'

/** What an app of one-time codes is set up with: to scan, or to type. */
export function TotpSecret({ qr, secret }: { qr: string; secret: string }) {
  return (
    <div className="grid gap-3">
      {/* Always dark on white: cameras read it so. */}
      <img
        src={qr}
        alt="QR code for an app of one-time codes"
        className="size-44 justify-self-center rounded-md border border-line bg-white p-2"
      />
      <CodeBlock
        code={secret.replace(/(.{4})(?=.)/g, '$1 ')}
        title="Or type this key into the app"
        label="key"
        wrap
      />
    </div>
  )
}
