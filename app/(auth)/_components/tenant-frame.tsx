import type { ReactNode } from 'react'
import type { OpContext } from '@/server/context/op'
import { AuthLayout } from '@/ui/auth-layout'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  host: OpContext['host']
  title: string
  description?: string
  footer?: ReactNode
  children: ReactNode
}

/**
 * The page of somebody who is not signed in: the same for a tenant that exists, one that is disabled and one that never was. All it
 * knows of the tenant is the subdomain in the address (attack B15).
 */
export function TenantFrame({ host, title, description, footer, children }: Props) {
  const slug = host.kind === 'tenant' ? host.slug : null
  const brand =
    slug === null ? undefined : (
      <>
        <TenantMark name={slug} />
        {slug}
      </>
    )
  return (
    <AuthLayout
      title={title}
      description={description}
      brand={brand}
      tagline="One console. Each tenant sees its own, and nothing else."
      footer={footer}
    >
      {children}
    </AuthLayout>
  )
}
