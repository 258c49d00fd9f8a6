import { ChevronRight } from 'lucide-react'
import { Link } from './link'
import { Fragment, type ReactNode } from 'react'
import { cn } from './cn'

export type Crumb = { label: string; href?: string }

/** Where one is. The last crumb is the page itself and needs no `href`. */
function Breadcrumbs({ items }: { items: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex flex-wrap items-center gap-1 text-xs text-muted">
        {items.map((item, index) => (
          <Fragment key={`${item.href}:${item.label}`}>
            {index > 0 && (
              <li aria-hidden className="text-faint">
                <ChevronRight className="size-3" />
              </li>
            )}
            <li>
              {item.href ? (
                <Link
                  href={item.href}
                  className="rounded-sm underline-offset-4 hover:text-fg hover:underline"
                >
                  {item.label}
                </Link>
              ) : (
                <span aria-current={index === items.length - 1 ? 'page' : undefined}>{item.label}</span>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}

type PageHeaderProps = {
  title: ReactNode
  description?: ReactNode
  breadcrumbs?: readonly Crumb[]
  /** A tenant mark or icon before the title. */
  mark?: ReactNode
  /** Badges and states after the title. */
  meta?: ReactNode
  actions?: ReactNode
  /** `LinkTabs` below. */
  tabs?: ReactNode
}

/** The top of a page; holds its only h1. */
export function PageHeader({ title, description, breadcrumbs, mark, meta, actions, tabs }: PageHeaderProps) {
  return (
    <header className={cn('mb-5 grid gap-3', !tabs && 'pb-0.5')}>
      {breadcrumbs && breadcrumbs.length > 0 && <Breadcrumbs items={breadcrumbs} />}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 items-center gap-3">
          {mark}
          <div className="grid min-w-0 gap-0.5">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
              {meta}
            </div>
            {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
          </div>
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {tabs}
    </header>
  )
}

type SectionProps = {
  title: ReactNode
  description?: ReactNode
  actions?: ReactNode
  className?: string
  id?: string
  children: ReactNode
}

/** A titled part of a page. */
export function Section({ title, description, actions, className, id, children }: SectionProps) {
  return (
    <section id={id} className={cn('grid min-w-0 gap-3 not-first:mt-8', className)}>
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div className="grid gap-0.5">
          <h2 className="text-base font-semibold tracking-tight">{title}</h2>
          {description && <p className="max-w-prose text-sm text-muted">{description}</p>}
        </div>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </header>
      {children}
    </section>
  )
}
