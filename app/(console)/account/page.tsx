import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { EmailCard } from '@/app/(console)/account/email-card'
import { AccessLines } from '@/app/(console)/account/access-lines'
import { LeaveCard } from '@/app/(console)/account/leave-card'
import { PermissionTable } from '@/app/(console)/account/permission-table'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { Section } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/account')

export default definePage('(console)/account', async ({ api }) => {
  const account = await api.account.me()
  const { tenant, home, roles, cap } = account
  return (
    <div className="grid gap-6">
      <Card title="You">
        <DescriptionList
          columns={2}
          items={[
            { label: 'Name', value: account.displayName },
            { label: 'Username', value: account.username, copy: account.username, mono: true },
            { label: 'Home tenant', value: home?.name },
            {
              label: 'Roles here',
              value:
                roles.length === 0
                  ? 'None: you see what everyone signed in sees'
                  : roles.map((role) => (
                      <Badge key={role.title} className="mr-1">
                        {role.title}
                      </Badge>
                    )),
            },
            {
              label: 'Reach',
              value: account.parentLevel
                ? 'All tenants, with the same role in each'
                : 'The tenants you are a member of',
            },
          ]}
        />
      </Card>
      <EmailCard
        email={account.email}
        verified={account.emailVerifiedAt !== null}
        elsewhere={
          tenant.isHome ? undefined : 'Your account belongs to another tenant: sign in there to change it'
        }
      />
      <Section
        title={`What you may do in ${tenant.name}`}
        description={
          cap === null
            ? 'The highest level that one of your roles gives.'
            : `The highest level that one of your roles gives, up to what the tenant's base role (${cap}) allows.`
        }
      >
        <PermissionTable rows={account.permissions} />
      </Section>
      <AccessLines lines={account.access} />
      {account.guest && <LeaveCard tenant={tenant.name} />}
    </div>
  )
})
