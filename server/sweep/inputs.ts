import { MASTER_TENANT_ID } from '@/lib/master'
import { type ActorName, PASSWORD, PEOPLE, type PersonName, tenantOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import {
  CUSTOMER_ROLE,
  MATRIX_CHANGE,
  resourceId,
  SPARE_CAP,
  tenantId,
  userId,
  VIEWER_ROLE,
} from '@/test/factories'
import type { World } from '@/test/world'
import { plantEmergency, plantFactor, plantFactors, plantLogins, plantPasskey } from '@/test/plant-factor'
import {
  PERSON,
  ownId,
  unusedId,
  none,
  empty,
  subtenant,
  newPassword,
  person,
  fields,
  reason,
  CELL,
  ROW,
  updatedAt,
  resourceUpdatedAt,
  mara,
  ada,
  own,
  tom,
  actingNow,
  copy,
  inAcme,
  roleUpdatedAt,
  roleContent,
  updatedRole,
  ROLES_FILE,
  CAP_CONTENT,
  share,
  tenantsOfIt,
  membersMap,
  type Valid,
} from '@/server/sweep/asking'

import { alsoInBolt, boHere, boInAcme, bringBo } from '@/server/sweep/guests'

import { OF_HOSTS } from '@/server/sweep/host-inputs'
import { OF_BILLING, OF_LICENCES } from '@/server/sweep/licence-inputs'
import { OF_MOVES } from '@/server/sweep/move-inputs'
import { BEFORE_CLOUDS, OF_CLOUDS } from '@/server/sweep/cloud-inputs'
import { OF_PEOPLE } from '@/server/sweep/people-inputs'

export { foreignId, ownId, unusedId } from '@/server/sweep/asking'

/** A valid call of every procedure. One without an entry fails the sweep: what cannot be called cannot be attacked. */
export const VALID: Record<string, Valid> = {
  ...OF_PEOPLE,
  ...OF_HOSTS,
  ...OF_LICENCES,
  ...OF_BILLING,
  ...OF_MOVES,
  ...OF_CLOUDS,
  'account.me': ada(none),
  'account.rightsOf': ada(own('user')),
  'account.sendVerification': ada(none),
  'account.changeEmail': ada(() => ({ email: 'ada.new@acme.example', current: PASSWORD })),
  'account.changePassword': ada(() => ({
    current: PASSWORD,
    password: newPassword.password,
    confirm: newPassword.password,
  })),
  'audit.list': ada(empty),
  'audit.verify': ada(none),
  'audit.all': mara(empty),
  'audit.ofTenant': mara(subtenant),
  'enrolmentTokens.list': ada(empty),
  'enrolmentTokens.create': ada(() => ({ name: 'new token' })),
  'enrolmentTokens.revoke': ada(own('enrolmentToken')),
  'grants.outgoing': ada(empty),
  'grants.incoming': ada(empty),
  'grants.target': mara(subtenant),
  'grants.tenants': mara(empty),
  'grants.create': share,
  'grants.createPreview': share,
  'grants.update': mara(() => ({ id: idOf('grant granted A'), role: 'editor' })),
  'grants.updatePreview': mara(() => ({ id: idOf('grant granted A'), role: 'editor' })),
  'grants.revoke': mara(() => ({ ids: [idOf('grant granted A')] })),
  'grants.revokePreview': mara(() => ({ ids: [idOf('grant granted A')] })),
  'grants.accept': ada(() => ({ id: idOf('grant B web') })),
  'grants.decline': ada(() => ({ id: idOf('grant B web') })),
  'grants.leave': ada(() => ({ id: idOf('grant granted A') })),
  'explain.own': ada(own('resource')),
  'explain.empty': ada(() => ({ kind: 'network' })),
  'explain.person': ada((who) => ({
    id: ownId('resource', who.tenant, who.actor),
    userId: ownId('user', who.tenant),
  })),
  'explain.asProvider': mara(() => ({
    id: resourceId('master private'),
    userId: userId('Tom'),
    tenantId: tenantId('A'),
  })),
  'grants.setTenants': tenantsOfIt,
  'grants.setTenantsPreview': tenantsOfIt,
  'membersMap.get': mara(subtenant),
  'membersMap.preview': mara(membersMap),
  'membersMap.set': mara(membersMap),
  'resources.list': ada(() => ({ kind: 'host' })),
  'resources.get': ada(own('resource', { kind: 'host' })),
  'resources.options': ada(() => ({ kind: 'host', field: 'profiles' })),
  'resources.insight': ada(own('resource', { kind: 'host' })),
  'boot.address': ada(({ tenant }) => ({ id: resourceId(`${tenant} boot`) })),
  'resources.may': ada(() => ({ kind: 'host' })),
  'resources.filters': ada(() => ({ kind: 'host' })),
  'resources.search': ada(() => ({ search: 'web' })),
  'resources.create': ada(({ tenant }) => ({
    kind: 'bare_metal',
    name: 'new-server',
    spec: { cores: 2 },
    refs: [{ field: 'profiles', ids: [resourceId(`${tenant} profile`)] }],
  })),
  'imports.preview': ada(() => ({
    kind: 'bare_metal',
    rows: [{ name: 'new-server', values: { cores: '2' } }],
  })),
  'imports.run': ada(() => ({ kind: 'bare_metal', rows: [{ name: 'new-server', values: { cores: '2' } }] })),
  'resources.createPreview': mara(() => ({
    kind: 'bare_metal',
    name: 'new-server',
    cloudId: resourceId('public cloud'),
    access: { visibility: 'public', tenantId: MASTER_TENANT_ID },
  })),
  'resources.update': ada(async (who) => {
    const id = ownId('resource', who.tenant, who.actor)
    return {
      kind: 'host',
      id,
      name: 'renamed',
      refs: [{ field: 'profiles', ids: [resourceId(`${who.tenant} profile`)] }],
      updatedAt: await resourceUpdatedAt(who.world, id),
    }
  }),
  'resources.remove': ada(own('resource', { kind: 'host' })),
  'resources.assign': mara(() => ({
    kind: 'host',
    ids: [resourceId('master private')],
    tenantId: tenantId('A'),
  })),
  'resources.assignPreview': mara(() => ({
    kind: 'host',
    ids: [resourceId('master private')],
    tenantId: tenantId('A'),
  })),
  'resources.accessPreview': mara(() => ({
    kind: 'host',
    id: resourceId('master private'),
    access: { visibility: 'public', tenantId: MASTER_TENANT_ID },
  })),
  'resources.assignable': mara(() => ({ kind: 'network' })),
  'resources.setVisibility': mara(() => ({
    kind: 'host',
    ids: [resourceId('master private')],
    visibility: 'public',
  })),
  'groups.list': ada(empty),
  'groups.get': ada(own('group')),
  'groups.create': ada(() => ({ name: 'new group' })),
  'groups.update': ada(own('group', { name: 'renamed group' })),
  'groups.delete': ada(own('group')),
  'groups.setMembers': ada((who) => ({
    id: ownId('group', who.tenant),
    add: [resourceId(`${who.tenant} secret`)],
    remove: [resourceId(`${who.tenant} web`)],
  })),
  'tags.list': ada(empty),
  'tags.set': ada(own('resource', { kind: 'host', tags: ['blue'] })),
  'matrix.rows': mara(empty),
  'matrix.tenants': mara(empty),
  'matrix.cells': mara(() => ({ resourceIds: [resourceId('master private')], tenantIds: [tenantId('A')] })),
  'matrix.preview': mara(() => ({ cells: [CELL], rows: [ROW] })),
  'matrix.change': mara(() => ({ cells: [CELL], rows: [ROW] })),
  'matrix.history': mara(empty),
  'matrix.undoPreview': mara(() => ({ id: MATRIX_CHANGE })),
  'matrix.undo': mara(() => ({ id: MATRIX_CHANGE })),
  'clouds.offered': ada(none),
  'clouds.overview': ada(() => ({ id: resourceId('public cloud') })),
  'clouds.add': ada(() => ({ id: resourceId('public cloud') })),
  'clouds.removeAdded': ada(() => ({ id: resourceId('public cloud') })),
  'clouds.movePreview': mara(() => ({ id: resourceId('public cloud'), tenantId: tenantId('A') })),
  'clouds.startsWith': mara(() => ({ tenantRoleId: CUSTOMER_ROLE })),
  'tasks.list': ada(empty),
  'tasks.get': ada(own('task')),
  'tenantResources.open': mara(subtenant),
  'tenantResources.list': mara(subtenant),
  'tenantResources.overview': mara(subtenant),
  'tenantResources.get': mara(() => ({ tenantId: tenantId('A'), id: resourceId('A web') })),
  'roles.assignable': ada(none),
  'roles.list': ada(none),
  'roles.get': ada(own('role')),
  'roles.limits': ada(empty),
  'roles.choices': ada(() => ({ what: 'group' })),
  'roles.search': ada(() => ({ search: 'role' })),
  'roles.diff': ada(copy()),
  'roles.create': ada((who) => ({ ...roleContent(who.tenant), baseRoleId: ownId('role', who.tenant) })),
  'roles.preview': ada((who) => {
    const { levels, access } = roleContent(who.tenant)
    return { id: ownId('role', who.tenant), levels, access }
  }),
  'roles.update': ada(async (who) => updatedRole(who.world, ownId('role', who.tenant), who.tenant)),
  'roles.delete': ada(own('role')),
  'roles.previewRelink': ada(copy()),
  'roles.relink': ada(copy()),
  'roles.lock': mara(() => ({ id: idOf('role template'), locked: true })),
  'roles.planImport': ada(() => ({ text: ROLES_FILE })),
  'roles.import': ada(() => ({ text: ROLES_FILE })),
  'rolesIn.assignable': mara(subtenant),
  'rolesIn.list': mara(subtenant),
  'rolesIn.get': mara(inAcme({ id: idOf('role A 1') })),
  'rolesIn.limits': mara(subtenant),
  'rolesIn.choices': mara(inAcme({ what: 'resource' })),
  'rolesIn.diff': mara(inAcme({ id: idOf('role copy A') })),
  'rolesIn.create': mara(inAcme({ ...roleContent('A'), baseRoleId: idOf('role A 1') })),
  'rolesIn.preview': mara(() => {
    const { levels, access } = roleContent('A')
    return { tenantId: tenantId('A'), id: idOf('role A 1'), levels, access }
  }),
  'rolesIn.update': mara(async ({ world }) => ({
    tenantId: tenantId('A'),
    ...((await updatedRole(world, idOf('role A 1'), 'A')) as object),
  })),
  'rolesIn.delete': mara(inAcme({ id: idOf('role A 1') })),
  'rolesIn.previewRelink': mara(inAcme({ id: idOf('role copy A') })),
  'rolesIn.relink': mara(inAcme({ id: idOf('role copy A') })),
  'tenantRoles.options': mara(none),
  'tenantRoles.list': mara(none),
  'tenantRoles.get': mara(() => ({ id: CUSTOMER_ROLE })),
  'tenantRoles.clouds': mara(none),
  'tenantRoles.create': mara(() => ({ ...CAP_CONTENT, baseRoleId: CUSTOMER_ROLE })),
  'tenantRoles.preview': mara(() => {
    const { levels, defaultCloudLevel, clouds } = CAP_CONTENT
    return { id: SPARE_CAP, levels, defaultCloudLevel, clouds }
  }),
  'tenantRoles.update': mara(async ({ world }) => ({
    ...CAP_CONTENT,
    id: SPARE_CAP,
    updatedAt: await roleUpdatedAt(world, SPARE_CAP),
  })),
  'tenantRoles.delete': mara(() => ({ id: SPARE_CAP })),
  'sessions.list': ada(none),
  'sessions.end': ada(own('session')),
  'sessions.endOthers': ada(none),
  'setup.finish': {
    by: 'Mara',
    input: () => ({
      ...person,
      code: 'x'.repeat(20),
      organisation: 'X',
      password: newPassword.password,
      confirm: newPassword.password,
    }),
    status: 404,
  },
  'tenants.list': mara(empty),
  'tenants.get': mara(() => ({ id: tenantId('A') })),
  'tenants.formOptions': mara(none),
  'tenants.checkSlug': mara(() => ({ slug: 'fresh-slug' })),
  'tenants.create': mara(() => ({ ...fields, name: 'Fresh', slug: 'fresh', tenantRoleId: CUSTOMER_ROLE })),
  'tenants.update': mara(async ({ world }) => ({
    ...fields,
    id: tenantId('A'),
    name: 'Acme Two',
    tenantRoleId: CUSTOMER_ROLE,
    updatedAt: await updatedAt(world, tenantId('A')),
  })),
  'tenants.previewBaseRole': mara(() => ({ id: tenantId('A'), tenantRoleId: SPARE_CAP })),
  'tenants.disable': mara(() => ({ id: tenantId('A'), reason })),
  'tenants.disableMany': mara(() => ({ ids: [tenantId('A'), tenantId('B')], reason })),
  'tenants.enable': mara(() => ({ id: tenantId('C') })),
  'tenants.enableMany': mara(() => ({ ids: [tenantId('C')] })),
  'tenants.deletionPlan': mara(() => ({ id: tenantId('A') })),
  'tenants.delete': mara(() => ({ id: tenantId('A'), confirmName: 'Acme' })),
  'tenants.restore': mara(() => ({ id: tenantId('E') })),
  'tenants.setup.get': mara(() => ({ id: tenantId('N') })),
  'tenants.setup.set': mara(() => ({ id: tenantId('N'), step: 'users', skipped: true })),
  'tenantUsers.elsewhere': mara(subtenant),
  'tenantUsers.previewGuest': mara(boInAcme),
  'tenantUsers.addGuest': mara(boInAcme),
  'tenantUsers.removeGuest': mara(() => ({ tenantId: tenantId('A'), id: userId('Bo') })),
  'tenantUsers.list': mara(subtenant),
  'tenantUsers.get': mara(tom()),
  'tenantUsers.create': mara(() => ({
    ...person,
    ...newPassword,
    roleIds: [VIEWER_ROLE],
    assignments: [{ roleId: VIEWER_ROLE, scope: 'tag:prod' }],
    tenantId: tenantId('A'),
  })),
  'tenantUsers.previewCreate': mara(() => ({
    assignments: [{ roleId: VIEWER_ROLE, scope: 'tag:prod' }],
    tenantId: tenantId('A'),
  })),
  'tenantUsers.update': mara(tom({ ...person })),
  'tenantUsers.setPassword': mara(tom({ ...newPassword })),
  'tenantUsers.previewAssignments': mara(tom({ assignments: [{ roleId: VIEWER_ROLE }] })),
  'tenantUsers.setAssignments': mara(tom({ assignments: [{ roleId: VIEWER_ROLE }] })),
  'tenantUsers.setRoles': mara(tom({ roleIds: [VIEWER_ROLE] })),
  'tenantUsers.disable': mara(tom()),
  'tenantUsers.enable': mara(tom()),
  'tenantUsers.delete': mara(tom()),
  'tenantUsers.endSessions': mara(tom()),
  'users.elsewhere': ada(empty),
  'users.previewGuest': ada(boHere),
  'users.addGuest': ada(boHere),
  'users.leave': { ...mara(none), status: 409 },
  'users.removeGuest': ada(() => ({ id: userId('Bo') })),
  'users.list': ada(empty),
  'users.get': ada(own('user')),
  'users.create': ada((who) => ({
    ...person,
    ...newPassword,
    roleIds: [ownId('role', who.tenant)],
    assignments: [{ roleId: ownId('role', who.tenant), scope: 'tag:prod' }],
  })),
  'users.previewCreate': ada((who) => ({
    firstName: 'Uma',
    assignments: [{ roleId: ownId('role', who.tenant), scope: 'tag:prod' }],
  })),
  'users.update': ada(own('user', { ...person })),
  'users.setPassword': ada(own('user', { ...newPassword })),
  'users.previewAssignments': ada((who) => ({
    id: ownId('user', who.tenant),
    assignments: [{ roleId: ownId('role', who.tenant), scope: `group:${ownId('group', who.tenant)}` }],
  })),
  'users.setAssignments': ada((who) => ({
    id: ownId('user', who.tenant),
    assignments: [{ roleId: ownId('role', who.tenant), scope: `group:${ownId('group', who.tenant)}` }],
  })),
  'users.setRoles': ada((who) => ({ id: ownId('user', who.tenant), roleIds: [ownId('role', who.tenant)] })),
  'users.disable': ada(own('user')),
  'users.enable': ada(own('user')),
  'users.delete': ada(own('user')),
  'users.endSessions': ada(own('user')),
  'users.signIn': ada(own('user')),
  'users.endSession': ada((who) => ({
    id: ownId('user', who.tenant),
    sessionId: idOf(`session ${PERSON[who.tenant] ?? 'Tom'} 2`),
  })),
  'users.removeFactors': ada(own('user')),
}

/** States that a procedure needs before it works, planted beside the wall. */
const BEFORE: Record<string, (world: World, actor: ActorName) => Promise<unknown>> = {
  ...BEFORE_CLOUDS,
  'clouds.add': (world) => world.admin.query('delete from tenant_cloud'),
  'users.previewGuest': (world, actor) => alsoInBolt(world, actor),
  'users.addGuest': (world, actor) => alsoInBolt(world, actor),
  'users.removeGuest': (world) => bringBo(world),
  'tenantUsers.removeGuest': (world) => bringBo(world),
  'impersonation.request': (world) => world.admin.query(`update tenant set provider_access = 'ask'`),
  'impersonation.end': (world) => actingNow(world),
  'providerAccess.cutOff': (world) => actingNow(world),
  'machineLogins.clearMine': plantLogins,
  'machineLogins.clearOfUser': plantLogins,
  'secondFactor.disable': plantFactor,
  'secondFactor.newRecoveryCodes': plantFactor,
  'allowList.appoint': (world) => plantFactors(world),
  'allowList.dismiss': (world) => plantEmergency(world),
  'users.removeFactors': (world) => plantFactors(world),
  'secondFactor.removePasskey': plantPasskey,
  'users.enable': (world, actor) => disableUsers(world, actor),
  'tenantUsers.enable': (world, actor) => disableUsers(world, actor),
}

/** All who are acted on in `VALID`, but not the one who acts. */
const disableUsers = (world: World, actor: ActorName) =>
  world.admin.query(`update user_account set status = 'disabled' where id = any ($1) and id <> $2`, [
    Object.values(PERSON).map(userId),
    actor in PEOPLE ? userId(actor as PersonName) : unusedId(),
  ])

/** Prepares the world for one valid call. @returns whether it was changed */
export async function prepare(world: World, name: string, actor: ActorName): Promise<boolean> {
  const work = BEFORE[name]
  await work?.(world, actor)
  return work !== undefined
}

/** The valid input of a procedure for whoever asks. */
export async function validInput(world: World, name: string, actor: ActorName): Promise<unknown> {
  const valid = VALID[name]
  if (!valid) throw new Error(`server/sweep/inputs.ts has no valid call of ${name}`)
  const tenant = tenantOf(actor)
  return valid.input({ world, actor, tenant })
}
