import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { CapEditor } from '@/app/(console)/admin/roles/_components/cap-editor'
import type { CapDetail } from '@/server/features/roles/tenant-roles.schema'
import type { ConsolePaths } from '@/lib/paths'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/roles/[id]')

export default definePage('(console)/admin/roles/[id]', async ({ api, paths, params }) => {
  const cap = await api.tenantRoles.get({ id: params.id ?? '' })
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Tenant roles', href: paths.caps }, { label: cap.name }]}
        title={cap.name}
        description={cap.description}
        meta={cap.builtIn && <Badge>Built in</Badge>}
        actions={cap.can.copy && <ButtonLink href={`${paths.newCap}?from=${cap.id}`}>Copy</ButtonLink>}
      />
      <div className="grid gap-5">
        <CapEditor key={cap.updatedAt} from={cap} cap={cap} clouds={cap.clouds} />
        <UsedBy cap={cap} paths={paths} />
      </div>
    </>
  )
})

function UsedBy({ cap, paths }: { cap: CapDetail; paths: ConsolePaths }) {
  return (
    <Card title="Tenants that have it" padded={false}>
      {cap.usedBy.length === 0 ? (
        <p className="p-4 text-sm text-muted">None yet. Choose it when you create or edit a tenant.</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {cap.usedBy.map((tenant) => (
            <li key={tenant.id} className="flex items-center justify-between gap-3 px-4 py-2">
              <a
                href={paths.tenant(tenant.id)}
                className="rounded-sm text-accent-ink underline-offset-4 hover:underline"
              >
                {tenant.name}
              </a>
              {tenant.status !== 'active' && <Badge>{tenant.status}</Badge>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
