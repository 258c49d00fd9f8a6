import { LinkTabs } from '@/ui/link-tabs'

/** The people of a tenant, and who is asked in. */
export function UsersTabs({ users, invitations }: { users: string; invitations: string }) {
  return (
    <LinkTabs
      label="Users"
      items={[
        { label: 'Users', href: users },
        { label: 'Invitations', href: invitations },
      ]}
    />
  )
}
