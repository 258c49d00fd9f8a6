import { isSafePath, type SiteConfig, type TenantPrefix } from '@/lib/host'

/** Where the pages of a kind of resource are, as its descriptor has it (lib/resource-kinds). */
interface KindPlace {
  section: string
  slug: string
}

/** The pages of every kind of resource; hosts have richer ones at the same place. */
function kindPaths(at: (path: string) => string) {
  const id = encodeURIComponent
  return {
    kind: (kind: KindPlace): string => at(`/${kind.section}/${kind.slug}`),
    newResource: (kind: KindPlace): string => at(`/${kind.section}/${kind.slug}/new`),
    /** An inventory of the kind. */
    importResources: (kind: KindPlace): string => at(`/${kind.section}/${kind.slug}/import`),
    resource: (kind: KindPlace, resourceId: string): string =>
      at(`/${kind.section}/${kind.slug}/${id(resourceId)}`),
    editResource: (kind: KindPlace, resourceId: string): string =>
      at(`/${kind.section}/${kind.slug}/${id(resourceId)}/edit`),
    /** Backups that clouds keep; of one machine. */
    backups: at('/infrastructure/backups'),
    backupsOf: (resourceId: string): string => at(`/infrastructure/backups?about=${id(resourceId)}`),
    /** What clouds did, and what happened in them; with one thing. */
    cloudTasks: at('/activity/tasks'),
    cloudTasksOf: (resourceId: string): string => at(`/activity/tasks?about=${id(resourceId)}`),
    cloudEvents: at('/activity/events'),
    connectCloud: at('/infrastructure/clouds/connect'),
    consoleOf: (machineId: string): string => at(`/infrastructure/virtual-machines/${id(machineId)}/console`),
    createMachine: at('/infrastructure/virtual-machines/create'),
    createMachineIn: (cloudId: string): string =>
      at(`/infrastructure/virtual-machines/create?cloud=${id(cloudId)}`),
    /** How a cloud is reached. */
    connection: (cloudId: string): string => at(`/infrastructure/clouds/${id(cloudId)}/connection`),
  }
}

/** Hosts, how they come, and where they went. */
function hostPaths(at: (path: string) => string) {
  const id = encodeURIComponent
  return {
    hosts: at('/infrastructure/hosts'),
    host: (hostId: string): string => at(`/infrastructure/hosts/${id(hostId)}`),
    enrolHost: at('/infrastructure/hosts/new'),
    /** Hosts that went from one tenant to another; the master's only. */
    hostMigrations: at('/infrastructure/hosts/moves'),
    hostMigration: (moveId: string): string => at(`/infrastructure/hosts/moves/${id(moveId)}`),
  }
}

/** Pages of one tenant; the master's only. */
function tenantPaths(at: (path: string) => string) {
  const id = encodeURIComponent
  const tenant = (tenantId: string, rest = ''): string => at(`/admin/tenants/${id(tenantId)}${rest}`)
  return {
    tenant: (tenantId: string): string => tenant(tenantId),
    tenantInvitations: (tenantId: string): string => tenant(tenantId, '/users/invitations'),
    tenantUsers: (tenantId: string): string => tenant(tenantId, '/users'),
    tenantResources: (tenantId: string): string => tenant(tenantId, '/resources'),
    tenantRoles: (tenantId: string): string => tenant(tenantId, '/roles'),
    tenantNewRole: (tenantId: string): string => tenant(tenantId, '/roles/new'),
    tenantRole: (tenantId: string, roleId: string): string => tenant(tenantId, `/roles/${id(roleId)}`),
    tenantMembers: (tenantId: string): string => tenant(tenantId, '/members'),
    tenantAudit: (tenantId: string): string => tenant(tenantId, '/audit'),
    tenantSetup: (tenantId: string): string => tenant(tenantId, '/setup'),
  }
}

/** One's own account, and the ways back to it. */
function accountPaths(at: (path: string) => string) {
  return {
    /** For who forgot their password. */
    forgot: at('/forgot'),
    /** What links in mails open; the token follows behind `#`. */
    reset: at('/reset'),
    verify: at('/verify'),
    account: at('/account'),
    sessions: at('/account/sessions'),
    password: at('/account/password'),
    accountSecurity: at('/account/security'),
  }
}

/** Settings of a tenant and of the installation. */
function settingsPaths(at: (path: string) => string) {
  const id = encodeURIComponent
  return {
    sharing: at('/settings/sharing'),
    sharingIncoming: at('/settings/sharing/incoming'),
    settingsTenants: at('/settings/tenants'),
    settingsPlans: at('/settings/plans'),
    settingsSignUp: at('/settings/sign-up'),
    organization: at('/settings/organization'),
    mail: at('/settings/mail'),
    /** Who of the provider was in this tenant, and whether they may; a subtenant's. */
    providerAccess: at('/settings/provider-access'),
    /** Clears an impersonation that is over, and says so. */
    impersonationOver: at('/api/impersonation/ended'),
    settingsIdentity: at('/settings/identity'),
    settingsSecurity: at('/settings/security'),
    settingsUsers: at('/settings/users'),
    invitations: at('/settings/users/invitations'),
    userRights: (userId: string): string => at(`/settings/users/${id(userId)}/rights`),
    userSessions: (userId: string): string => at(`/settings/users/${id(userId)}/sessions`),
    settingsRoles: at('/settings/roles'),
    newRole: at('/settings/roles/new'),
    role: (roleId: string): string => at(`/settings/roles/${id(roleId)}`),
    importRoles: at('/settings/roles/import'),
  }
}

/**
 * Every URL of the console, relative to the tenant's own root. `prefix` is '' on a host of the tenant's own and
 * `/t/acme` in path mode, as `resolveTenant` returns it.
 */
export function consolePaths(prefix: TenantPrefix) {
  const at = (path: string): string => prefix + path
  const id = encodeURIComponent
  return {
    home: prefix || '/',
    signIn: at('/login'),
    /** The sign-in page with the username filled in. */
    signInAs: (username: string): string => at(`/login?hint=${id(username)}`),
    /** Another address of Acme's sign-in page, on the main host (PRODUCT rule 9). */
    signInAccount: (slug: string): string => at(`/login/account/${id(slug)}`),
    /** Off to an identity source of this host's tenant; a directory has its form here. @param kind of the source @param next a path here */
    ssoStart: (kind: string, sourceId: string, next = ''): string =>
      kind === 'ldap'
        ? at(`/login?source=${id(sourceId)}${next === '' ? '' : `&next=${id(next)}`}`)
        : at(`/api/sso/${id(kind)}/${id(sourceId)}/start${next === '' ? '' : `?next=${id(next)}`}`),
    /** For accounts that get in from any address. */
    emergency: at('/emergency'),
    setup: at('/setup'),
    /** For who wants a tenant of their own, and what the link in the mail opens; on the main host. */
    signUp: at('/sign-up'),
    signUpFinish: at('/sign-up/finish'),
    ...hostPaths(at),
    ...kindPaths(at),
    groups: at('/infrastructure/groups'),
    group: (groupId: string): string => at(`/infrastructure/groups/${id(groupId)}`),
    tasks: at('/settings/tasks'),
    task: (taskId: string): string => at(`/settings/tasks/${id(taskId)}`),
    tenants: at('/admin/tenants'),
    newTenant: at('/admin/tenants/new'),
    ...tenantPaths(at),
    /** Everybody of all tenants; the master's only. */
    people: at('/admin/people'),
    peopleInvitations: at('/admin/people/invitations'),
    person: (userId: string): string => at(`/admin/people/${id(userId)}`),
    /** Resources by tenants; the master's only. */
    matrix: at('/admin/matrix'),
    /** The audit log across all tenants; the master's only. */
    allAudit: at('/admin/audit'),
    /** Tenant roles, the caps of subtenants; the master's only. */
    caps: at('/admin/roles'),
    newCap: at('/admin/roles/new'),
    cap: (capId: string): string => at(`/admin/roles/${id(capId)}`),
    /** Why somebody may or may not. */
    explain: at('/explain'),
    explainThing: (resourceId: string, verb = 'see'): string =>
      at(`/explain?id=${id(resourceId)}${verb === 'see' ? '' : `&verb=${id(verb)}`}`),
    explainPermission: (permission: string, level: string): string =>
      at(`/explain?permission=${id(permission)}&level=${id(level)}`),
    audit: at('/audit'),
    ...settingsPaths(at),
    /** What a person may see in all their tenants; of one kind, in one of them. */
    allTenants: at('/all-tenants'),
    allTenantsOf: (kind: string, tenantId?: string): string =>
      at(`/all-tenants?kind=${id(kind)}${tenantId ? `&tenant=${id(tenantId)}` : ''}`),
    /** Over to another tenant of the person's. @param next a path there, without its prefix */
    switchTo: (tenantId: string, next = ''): string =>
      at(`/switch/${id(tenantId)}${next === '' ? '' : `?next=${id(next)}`}`),
    ...accountPaths(at),
  }
}

export type ConsolePaths = ReturnType<typeof consolePaths>

/** The prefix a tenant's paths carry on this install; null is the master tenant. */
function tenantPrefix(slug: string | null, site: Pick<SiteConfig, 'tenantUrls'>): TenantPrefix {
  return slug !== null && site.tenantUrls === 'path' ? `/t/${slug}` : ''
}

/**
 * Where a tenant's console begins, without a trailing slash: `http://acme.localhost:3000`, or in path mode
 * `http://localhost:3000/t/acme`; null is the master tenant. Comes from the configuration, never from a request's
 * Host header, so that links in mails cannot be poisoned (attack B07).
 */
export function tenantOrigin(slug: string | null, site: SiteConfig): string {
  const sub = slug !== null && site.tenantUrls === 'subdomain' ? `${slug}.` : ''
  const port = site.port === '' ? '' : `:${site.port}`
  return `${site.scheme}://${sub}${site.baseHost}${port}${tenantPrefix(slug, site)}`
}

/**
 * Where to go after signing in: the given path if it is one of this very tenant's, else its home (attack B11:
 * `//evil`, `\evil`, `javascript:`, a sibling's `/t/...` and whatever is malformed).
 */
export function safeReturnPath(value: string | null | undefined, prefix: TenantPrefix): string {
  const home = prefix || '/'
  const [, pathname, rest = ''] = /^([^?#]*)(.*)$/s.exec(value ?? '') ?? []
  // Printable ASCII without a backslash: what comes from a browser's address bar.
  const isPlain = /^[\x21-\x5b\x5d-\x7e]*$/.test(rest)
  if (!value || !pathname || value.length > 2048 || !isSafePath(pathname) || !isPlain) return home
  const isOwn =
    prefix === '' ? !/^\/t(?:\/|$)/.test(pathname) : pathname === prefix || pathname.startsWith(`${prefix}/`)
  const own = pathname.slice(prefix.length)
  // Not back to the sign-in page, and not to an API answer.
  return isOwn && !/^\/(?:login|invitation|forgot|reset|verify|setup|sign-up|emergency|api)(?:\/|$)/.test(own)
    ? value
    : home
}
