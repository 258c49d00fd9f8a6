import { LinkTabs } from '@/ui/link-tabs'

/** Everybody of all tenants, and who is asked in. */
export function PeopleTabs({ paths }: { paths: { people: string; peopleInvitations: string } }) {
  return (
    <LinkTabs
      label="People"
      items={[
        { label: 'People', href: paths.people },
        { label: 'Invitations', href: paths.peopleInvitations },
      ]}
    />
  )
}
