import { Link } from '@/ui/link'

/** Beside what is not allowed: leads to the whole chain. @param href of `paths.explainThing` or `paths.explainPermission` */
export function WhyLink({ href, children = 'Why?' }: { href: string; children?: string }) {
  return (
    <Link href={href} className="text-sm text-accent-ink underline underline-offset-2">
      {children}
    </Link>
  )
}
