import type { ReactNode } from 'react'
import { BrandMark } from './brand-mark'
import { PlotMap } from './plot-map'

type Props = {
  title: ReactNode
  description?: ReactNode
  /** Whose door this is: a tenant's mark and name. Unset: Freehold's own. */
  brand?: ReactNode
  /** A sentence on the panel beside the form (wide screens only). */
  tagline?: ReactNode
  /** Below the form: other ways in, help. */
  footer?: ReactNode
  children: ReactNode
}

/** Sign-in and set-up screens. */
export function AuthLayout({ title, description, brand, tagline, footer, children }: Props) {
  return (
    <div className="grid min-h-dvh bg-page lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <main className="flex flex-col px-5 py-6 sm:px-10">
        <div className="flex items-center gap-2.5 text-base font-semibold tracking-tight">
          {brand ?? (
            <>
              <BrandMark />
              Freehold
            </>
          )}
        </div>
        <div className="m-auto grid w-full max-w-[22rem] gap-6 py-10">
          <div className="grid gap-1.5">
            <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
            {description && <p className="text-base text-muted">{description}</p>}
          </div>
          {children}
          {footer && <div className="border-t border-line pt-4 text-sm text-muted">{footer}</div>}
        </div>
      </main>
      <aside className="relative hidden overflow-hidden bg-[oklch(0.27_0.045_215)] text-white lg:block dark:border-l dark:border-line dark:bg-[oklch(0.205_0.03_218)]">
        <PlotMap className="absolute inset-0 size-full" />
        {tagline && (
          <p className="absolute inset-x-10 bottom-10 max-w-md text-xl font-medium tracking-tight text-balance">
            {tagline}
          </p>
        )}
      </aside>
    </div>
  )
}
