// What was looked at and found right, with the reason. The contract (server/db/wall.contract.test.ts) fails on anything
// that is in the database and not here, and on anything here that the database no longer has.

/** Tables whose rows belong to a tenant, and the column that says to which. */
export const TENANT_ROOTED: Record<string, string> = {
  tenant: 'id',
  user_role: 'tenant_id',
  user_account: 'home_tenant_id',
  user_credential: 'tenant_id',
  membership: 'tenant_id',
  role_assignment: 'tenant_id',
  session: 'tenant_id',
  sign_in_code: 'tenant_id',
  tenant_cloud: 'tenant_id',
  resource: 'owner_id',
  access_grant: 'tenant_id',
  access_grant_all: 'tenant_id',
  resource_group: 'tenant_id',
  resource_group_member: 'tenant_id',
  resource_tag: 'tenant_id',
  enrolment_token: 'tenant_id',
  background_task: 'tenant_id',
  audit_event: 'tenant_id',
  audit_seal: 'tenant_id',
  matrix_change: 'tenant_id',
}

/** Tables whose rows belong to whoever sees the resource. */
export const RESOURCE_ROOTED: Record<string, string> = {
  resource_state: 'resource_id',
  resource_link: 'resource_id',
  agent_credential: 'resource_id',
}

/** Tables of the installation, not of a tenant; no subtenant's role reads them. */
export const OF_THE_INSTALLATION = [
  'installation',
  'licence',
  'rate_limit',
  'slug_rest',
  'tenant_role',
  'tenant_role_cloud',
  'worker_heartbeat',
  'ctx_key',
]

/** Tenant-rooted tables without an index that leads with the tenant: nobody ever reads them by tenant. */
export const NO_LEADING_INDEX: Record<string, string> = {
  user_credential: 'one row a user, looked up by the user',
  sign_in_code: 'lives 30 seconds, looked up by its hash; no serving role has a right on it',
}

/** Foreign keys between tenants' rows that do not carry the tenant, and why that opens nothing. */
export const PLAIN_FOREIGN_KEYS: Record<string, string> = {
  membership_user_id_fkey:
    'a person may be a member elsewhere (rule 8); the insert policy asks for the home tenant, wall.guest_add for who may bring a guest',
  session_user_id_fkey: 'people of the master sign in to subtenants; only definer functions insert',
  role_assignment_role_id_fkey:
    'templates of the master are assigned in subtenants; the insert policy asks for own or template',
  user_role_template_id_fkey:
    'a copy in a subtenant of a template of the master; the insert policy asks for a template',
  tenant_role_cloud_cloud_id_fkey: 'of the installation; the master alone writes',
  tenant_cloud_cloud_id_fkey:
    "a tenant adds the master's public cloud; the insert policy asks whether it is offered",
  resource_cloud_id_fkey:
    'things of a tenant stand in a cloud of the master; the restrictive insert policy asks whether they may (A18)',
  resource_parent_id_fkey:
    'a parent may be assigned from the master; the restrictive insert policy and a trigger ask whether it may (A18)',
  resource_tag_resource_id_fkey: 'a tag may be on what one uses; the insert policy asks for sight',
  resource_link_resource_id_fkey: 'resource-rooted',
  resource_link_target_id_fkey:
    'what one owns may refer to what one uses; the insert policy asks for sight of the target',
  resource_state_resource_id_fkey: 'resource-rooted',
  agent_credential_resource_id_fkey: 'resource-rooted; no serving role has a right on it',
  resource_group_member_resource_id_fkey: 'a group may hold what one uses; the insert policy asks for sight',
}

/** Uniqueness over all tenants, and why it tells nobody anything (P8). */
export const GLOBAL_UNIQUE: Record<string, string> = {
  access_grant_all_pkey: 'begins with two tenants',
  access_grant_pkey: 'random id',
  agent_credential_next_token_hash_key: 'hash of 256 random bits',
  agent_credential_pkey: 'random id',
  agent_credential_resource_id_key: 'one agent a host; no serving role has a right on it',
  agent_credential_token_hash_key: 'hash of 256 random bits',
  audit_event_pkey: 'random id',
  audit_seal_event_id_key: 'random id; no serving role inserts',
  background_task_pkey: 'random id',
  enrolment_token_pkey: 'random id',
  enrolment_token_token_hash_key: 'hash of 256 random bits',
  'wall.ctx_key_pkey': 'one row',
  installation_pkey: 'one row',
  licence_pkey: 'of the installation',
  matrix_change_pkey: 'random id',
  membership_pkey: 'random id',
  rate_limit_pkey: 'no serving role has a right on it',
  resource_group_member_pkey: 'begins with a group of the tenant, which the composite foreign key ties to it',
  resource_link_pkey: 'begins with a resource that one may edit',
  resource_group_pkey: 'random id',
  resource_pkey: 'random id',
  resource_state_pkey: 'no serving role inserts',
  role_assignment_pkey: 'random id',
  session_pkey: 'random id; no serving role inserts',
  session_token_hash_key: 'hash of 256 random bits; no serving role inserts',
  sign_in_code_pkey: 'hash of 256 random bits; no serving role inserts',
  slug_rest_pkey: 'master only',
  tenant_name_key: 'master only',
  tenant_pkey: 'master only, random id',
  tenant_role_built_in_key: 'no serving role inserts',
  tenant_role_cloud_pkey: 'master only',
  tenant_role_name_key: 'master only',
  tenant_role_pkey: 'master only, random id',
  tenant_slug_key: 'master only; the answer is the same for taken, resting and reserved, and limited (A15)',
  user_account_pkey: 'random id',
  user_credential_pkey: "the user's id, which the composite foreign key ties to its tenant",
  user_role_built_in_key: 'no serving role inserts',
  user_role_pkey: 'random id',
  worker_heartbeat_pkey: 'no serving role has a right on it',
}

const APP = ['freehold_master', 'freehold_tenant']
const SYSTEM = ['freehold_system']
/** Every SECURITY DEFINER function, and who may call it. */
export const DEFINER_FUNCTIONS: Record<string, string[]> = {
  'wall.ctx': APP,
  'wall.ctx_tenant': APP,
  'wall.ctx_writer': APP,
  'wall.ctx_people': APP,
  'wall.at_home': APP,
  'wall.ctx_user': [...APP, 'freehold_union'],
  'wall.ctx_is_master': APP,
  'wall.ctx_clouds': APP,
  'wall.ctx_granted_kinds': APP,
  'wall.ctx_tenants': ['freehold_union'],
  'wall.ctx_may_share': APP,
  'wall.ctx_offers': APP,
  'wall.ctx_offered': APP,
  'wall.ctx_sees': APP,
  'wall.ctx_edit_role': APP,
  'wall.ctx_may_edit': APP,
  'wall.ctx_may_place': APP,
  'wall.ctx_may_refer': APP,
  'wall.cloud_offers': APP,
  'wall.cloud_blockers': ['freehold_master'],
  'wall.cloud_use': ['freehold_master'],
  'wall.task_finish': APP,
  'wall.auth_of_task': APP,
  'wall.task_claim': SYSTEM,
  'wall.task_progress': SYSTEM,
  'wall.task_fail': SYSTEM,
  'wall.ctx_is_template': APP,
  'wall.born_in': APP,
  'wall.grant_accept': APP,
  'wall.grant_givers': APP,
  'wall.grant_targets': APP,
  'wall.share_target': APP,
  'wall.share_partners': ['freehold_master'],
  'wall.shares_with': [],
  'wall.grants_tick': SYSTEM,
  'wall.ctx_union_clouds': ['freehold_union'],
  'wall.ctx_union_kinds': ['freehold_union'],
  'wall.template_use': ['freehold_master'],
  'wall.holder_sets': ['freehold_master'],
  'wall.tenant_holder_sets': ['freehold_master'],
  'wall.matrix_clouds': ['freehold_master'],
  'wall.matrix_purge': SYSTEM,
  'wall.seed_clouds': [],
  'wall.resource_guard': [],
  'wall.resource_moved': [],
  'wall.grant_guard': [],
  'wall.suspend_of_tenant': [],
  'wall.suspend_of_cap': [],
  'wall.audit_seal': [],
  'wall.audit_write': APP,
  'wall.auth_again': APP,
  'wall.auth_context': SYSTEM,
  'wall.copy_name': [],
  'wall.user_sessions_end': APP,
  'wall.membership_guest': [],
  'wall.guest_active': APP,
  'wall.reaches_out': APP,
  'wall.holders_active': APP,
  'wall.parent_people': APP,
  'wall.guest_add': APP,
  'wall.guest_remove': APP,
  'wall.my_memberships': APP,
  'wall.people_elsewhere': APP,
  'wall.people_list': ['freehold_master'],
  'wall.people_count': ['freehold_master'],
  'wall.person_memberships': ['freehold_master'],
  'wall.person_level': ['freehold_master'],
  'wall.tenant_totals': ['freehold_master'],
  'wall.licence_usage': ['freehold_master'],
  'wall.licence_state': [],
  'wall.tenant_sessions_end': ['freehold_master'],
  'wall.audit_system': SYSTEM,
  'wall.auth_peek': SYSTEM,
  'wall.install_state': SYSTEM,
  'wall.setup_code': SYSTEM,
  'wall.setup_finish': SYSTEM,
  'wall.sign_in_lookup': SYSTEM,
  'wall.session_create': SYSTEM,
  'wall.session_end': SYSTEM,
  'wall.session_password': SYSTEM,
  'wall.password_change': SYSTEM,
  'wall.sign_in_code_create': SYSTEM,
  'wall.sign_in_code_redeem': SYSTEM,
  'wall.rate_hit': SYSTEM,
  'wall.rate_clear': SYSTEM,
  'wall.agent_enrol': SYSTEM,
  'wall.agent_report': SYSTEM,
  'wall.boot_source': SYSTEM,
  'wall.ctx_parameters': APP,
  'wall.effective_parameters': [],
  'wall.tenant_uses': [],
  'wall.agent_goodbye': SYSTEM,
  'wall.notify_reports': SYSTEM,
  'wall.hosts_offline': SYSTEM,
  'wall.sweep': SYSTEM,
  'wall.heartbeat': SYSTEM,
  'wall.health': SYSTEM,
}

/** Write policies with an OR in them, and why it does not widen the write. */
export const REVIEWED_OR: Record<string, string> = {
  role_assignment_insert: 'inside the EXISTS: a role of the same tenant, or a template of the master',
}

/** Columns that no serving role may read. */
export const SECRET_COLUMNS = [
  'password_hash',
  'token_hash',
  'next_token_hash',
  'code_hash',
  'nonce_hash',
  'setup_code_hash',
  'ipad',
  'opad',
]
/** Columns that decide whose a row is: nobody's to change but the reviewed functions' (assigned_id, visibility: the master's). */
export const FIXED_COLUMNS = [
  'id',
  'tenant_id',
  'home_tenant_id',
  'owner_id',
  'user_id',
  'role_id',
  'cloud_id',
  'slug',
  'token_hash',
  'uses',
  'multi_tenant',
]
/** UPDATE of these by the master only. */
export const MASTER_COLUMNS = ['assigned_id', 'visibility', 'status', 'tenant_role_id']
