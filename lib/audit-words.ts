const AREA_WORDS: Record<string, string> = {
  account: 'Accounts',
  cloud: 'Clouds',
  boot_environment: 'Boot environments',
  enrolment_token: 'Enrolment tokens',
  group: 'Groups',
  grant: 'Sharing',
  host: 'Hosts',
  mail: 'Mail',
  role: 'Roles',
  resource: 'Resources',
  matrix: 'Access matrix',
  session: 'Sign-ins',
  settings: 'Settings',
  setup: 'Set-up',
  task: 'Tasks',
  tenant: 'Tenants',
  tenant_role: 'Tenant roles',
  user: 'Users',
}

/** The areas that the audit log can be narrowed to: the first word of an event's name. */
export const AUDIT_AREAS = Object.entries(AREA_WORDS).map(([value, label]) => ({ value, label }))

const EVENT_WORDS: Record<string, string> = {
  'account.email_ask': 'Asked for a link to confirm an e-mail address',
  'account.email_confirm': 'Confirmed an e-mail address',
  'account.password_change': 'Changed their password',
  'account.password_forgotten': 'Asked for a link to set a new password',
  'account.password_reset': 'Set a new password by a link from a mail',
  'cloud.add': 'Added a cloud',
  'cloud.remove_added': 'Took a cloud off the list',
  'boot_environment.address': 'Made a signed boot address',
  'enrolment_token.create': 'Created an enrolment token',
  'enrolment_token.revoke': 'Revoked an enrolment token',
  'group.create': 'Made a group',
  'group.delete': 'Deleted a group',
  'group.members': 'Changed what is in a group',
  'group.update': 'Edited a group',
  'grant.accept': 'Accepted a share',
  'grant.create': 'Shared',
  'grant.decline': 'Declined a share',
  'grant.expire': 'A share ended',
  'grant.expiring': 'A share ends soon',
  'grant.leave': 'Left a share',
  'grant.map': 'Changed the members map of a tenant',
  'grant.revoke': 'Took a share back',
  'grant.tenants': 'Changed which tenants have it',
  'grant.update': 'Changed a share',
  'host.agent_removed': 'Agent removed on the machine',
  'host.assign': 'Assigned a host',
  'host.credential_conflict': 'Two machines used one credential',
  'host.enrol': 'Enrolled a host',
  'host.remove': 'Removed a host',
  'host.rename': 'Renamed a host',
  'host.visibility': 'Changed the visibility of a host',
  'mail.read': 'Read a mail that is kept here',
  'mail.retry': 'Tried a mail again',
  'mail.test': 'Sent a test mail',
  'role.create': 'Created a role',
  'role.delete': 'Deleted a role',
  'role.import': 'Imported roles',
  'role.lock': 'Locked or unlocked a role',
  'role.relink': 'Linked a role to the provider’s again',
  'role.update': 'Edited a role',
  'resource.assign': 'Assigned a resource',
  'resource.create': 'Created a resource',
  'resource.remove': 'Removed a resource',
  'resource.tag': 'Changed the tags of a resource',
  'resource.update': 'Edited a resource',
  'resource.visibility': 'Changed the visibility of a resource',
  'matrix.change': 'Changed access in the matrix',
  'matrix.undo': 'Undid a change of access',
  'session.end': 'Ended a session',
  'session.end_others': 'Ended their other sessions',
  'session.sign_in': 'Signed in',
  'session.sign_out': 'Signed out',
  'settings.multi_tenancy': 'Switched multi-tenancy',
  'settings.sharing': 'Changed how shares are accepted',
  'setup.finish': 'Set up Freehold',
  'task.create': 'Started a task in the background',
  'tenant.create': 'Created a tenant',
  'tenant.delete': 'Deleted a tenant',
  'tenant.disable': 'Disabled a tenant',
  'tenant.drill_in': 'Looked at what a tenant sees',
  'tenant.enable': 'Enabled a tenant',
  'tenant.restore': 'Restored a tenant',
  'tenant.setup': 'Changed the set-up of a tenant',
  'tenant.update': 'Edited a tenant',
  'tenant_role.create': 'Created a tenant role',
  'tenant_role.delete': 'Deleted a tenant role',
  'tenant_role.update': 'Edited a tenant role',
  'user.create': 'Created a user',
  'user.delete': 'Deleted a user',
  'user.disable': 'Disabled a user',
  'user.enable': 'Enabled a user',
  'user.end_sessions': 'Signed a user out everywhere',
  'user.set_password': 'Set a temporary password',
  'user.set_roles': 'Changed the roles of a user',
  'user.update': 'Edited a user',
}

/** An event's name in words; one that has none here is spelled out: `host.power_on` reads "Host: power on". */
export function eventWords(event: string): string {
  const known = EVENT_WORDS[event]
  if (known) return known
  const [area = '', ...rest] = event.split('.')
  const words = (text: string) =>
    text
      .replaceAll('_', ' ')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  const head = words(area)
  const tail = rest.length > 0 ? `: ${words(rest.join(' '))}` : ''
  return `${head.charAt(0).toUpperCase()}${head.slice(1)}${tail}`
}
