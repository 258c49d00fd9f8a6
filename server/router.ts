import { accountRouter } from '@/server/features/account/account.router'
import { allTenantsRouter } from '@/server/features/all-tenants/all-tenants.router'
import { auditRouter } from '@/server/features/audit/audit.router'
import { secondFactorRouter } from '@/server/features/second-factor/second-factor.router'
import { provisioningRouter } from '@/server/features/provisioning/provisioning.router'
import { identityRouter } from '@/server/features/identity/identity.router'
import { allowListRouter } from '@/server/features/allow-list/allow-list.router'
import { securityPolicyRouter } from '@/server/features/security-policy/security-policy.router'
import { sessionsRouter } from '@/server/features/sessions/sessions.router'
import { switchingRouter } from '@/server/features/switching/switching.router'
import { signUpRouter } from '@/server/features/sign-up/sign-up.router'
import { setupRouter } from '@/server/features/setup/setup.router'
import { rolesRouter, tenantsRolesRouter } from '@/server/features/roles/roles.router'
import { tenantRolesRouter } from '@/server/features/roles/tenant-roles.router'
import { settingsRouter } from '@/server/features/settings/settings.router'
import { usageRouter } from '@/server/features/usage/usage.router'
import { usersRouter } from '@/server/features/users/users.router'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { peopleRouter } from '@/server/features/people/people.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { bootRouter } from '@/server/features/boot/boot.router'
import { enrolmentTokensRouter } from '@/server/features/enrolment-tokens/enrolment-tokens.router'
import { grantsRouter } from '@/server/features/grants/grants.router'
import { groupsRouter } from '@/server/features/groups/groups.router'
import { cloudsRouter } from '@/server/features/clouds/clouds.router'
import { streamsRouter } from '@/server/features/streams/streams.router'
import { tasksRouter } from '@/server/features/tasks/tasks.router'
import { tagsRouter } from '@/server/features/tags/tags.router'
import { impersonationRouter } from '@/server/features/impersonation/impersonation.router'
import { providerAccessRouter } from '@/server/features/provider-access/provider-access.router'
import { matrixRouter } from '@/server/features/matrix/matrix.router'
import { consolesRouter } from '@/server/features/machines/consoles.router'
import { connectionsRouter } from '@/server/features/connections/connections.router'
import { importsRouter } from '@/server/features/imports/imports.router'
import { invitationsRouter, tenantInvitationsRouter } from '@/server/features/invitations/invitations.router'
import { allInvitationsRouter } from '@/server/features/invitations/invitations.all.router'
import { organizationRouter } from '@/server/features/organization/organization.router'
import { machineLoginsRouter } from '@/server/features/machine-logins/machine-logins.router'
import { machinesRouter } from '@/server/features/machines/machines.router'
import { mailRouter } from '@/server/features/mail/mail.router'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { billingRouter } from '@/server/features/billing/billing.router'
import { licenceRouter } from '@/server/features/licence/licence.router'
import { hostMovesRouter } from '@/server/features/host-moves/host-moves.router'
import { explainRouter } from '@/server/features/explain/explain.router'
import { tenantResourcesRouter } from '@/server/features/see-as/see-as.router'
import { membersMapRouter } from '@/server/features/members-map/members-map.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { router } from '@/server/rpc/procedure'

/** The root router: imports feature routers, nothing else. */
export const appRouter = router({
  boot: bootRouter,
  enrolmentTokens: enrolmentTokensRouter,
  grants: grantsRouter,
  explain: explainRouter,
  hosts: hostsRouter,
  hostMoves: hostMovesRouter,
  identity: identityRouter,
  provisioning: provisioningRouter,
  imports: importsRouter,
  licence: licenceRouter,
  billing: billingRouter,
  invitations: invitationsRouter,
  tenantInvitations: tenantInvitationsRouter,
  allInvitations: allInvitationsRouter,
  streams: streamsRouter,
  machineLogins: machineLoginsRouter,
  machines: machinesRouter,
  mail: mailRouter,
  organization: organizationRouter,
  membersMap: membersMapRouter,
  resources: resourcesRouter,
  groups: groupsRouter,
  tags: tagsRouter,
  clouds: cloudsRouter,
  connections: connectionsRouter,
  consoles: consolesRouter,
  tasks: tasksRouter,
  tenantResources: tenantResourcesRouter,
  matrix: matrixRouter,
  impersonation: impersonationRouter,
  providerAccess: providerAccessRouter,
  account: accountRouter,
  allTenants: allTenantsRouter,
  audit: auditRouter,
  secondFactor: secondFactorRouter,
  allowList: allowListRouter,
  securityPolicy: securityPolicyRouter,
  sessions: sessionsRouter,
  switching: switchingRouter,
  setup: setupRouter,
  signUp: signUpRouter,
  roles: rolesRouter,
  rolesIn: tenantsRolesRouter,
  tenantRoles: tenantRolesRouter,
  settings: settingsRouter,
  tenants: tenantsRouter,
  usage: usageRouter,
  people: peopleRouter,
  tenantUsers: tenantUsersRouter,
  users: usersRouter,
})

export type AppRouter = typeof appRouter
