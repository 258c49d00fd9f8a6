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
  impersonation: 'tenant_id',
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
  host_move: 'tenant_id',
  host_move_item: 'tenant_id',
  mail_message: 'tenant_id',
  invitation: 'tenant_id',
  account_link: 'tenant_id',
  user_totp: 'tenant_id',
  user_recovery_code: 'tenant_id',
  user_passkey: 'tenant_id',
  passkey_challenge: 'tenant_id',
  user_machine_login: 'tenant_id',
  tenant_policy: 'tenant_id',
  identity_source: 'tenant_id',
  identity_role_map: 'tenant_id',
  user_identity: 'tenant_id',
  identity_answer: 'tenant_id',
  scim_connection: 'tenant_id',
  scim_role_map: 'tenant_id',
  scim_user: 'tenant_id',
  scim_group: 'tenant_id',
  scim_member: 'tenant_id',
  tenant_network: 'tenant_id',
  break_glass: 'tenant_id',
  tenant_egress: 'tenant_id',
  cloud_action: 'tenant_id',
}

/** Tables whose rows belong to whoever sees the resource. */
export const RESOURCE_ROOTED: Record<string, string> = {
  resource_state: 'resource_id',
  host_sample: 'resource_id',
  host_inventory: 'resource_id',
  cloud_connection: 'cloud_id',
  cloud_sync: 'cloud_id',
  cloud_item: 'resource_id',
  resource_link: 'resource_id',
  agent_credential: 'resource_id',
}

/** Tables of the installation, not of a tenant; no subtenant's role reads them. */
export const OF_THE_INSTALLATION = [
  'installation',
  'licence',
  'rate_limit',
  'sign_up',
  'sign_up_policy',
  'slug_rest',
  'tenant_role',
  'tenant_role_cloud',
  'worker_heartbeat',
  'ctx_key',
]

/** Tenant-rooted tables without an index that leads with the tenant: nobody ever reads them by tenant. */
export const NO_LEADING_INDEX: Record<string, string> = {
  host_move_item: 'read by its move alone, which leads its key',
  user_credential: 'one row a user, looked up by the user',
  user_totp: 'one row a user, looked up by the user',
  passkey_challenge: 'lives 10 minutes, looked up by its hash; no serving role has a right on it',
  identity_answer: 'lives 2 minutes, looked up by its hash; no serving role has a right on it',
  sign_in_code: 'lives 30 seconds, looked up by its hash; no serving role has a right on it',
}

/** Foreign keys between tenants' rows that do not carry the tenant, and why that opens nothing. */
export const PLAIN_FOREIGN_KEYS: Record<string, string> = {
  membership_user_id_fkey:
    'a person may be a member elsewhere (rule 8); the insert policy asks for the home tenant, wall.guest_add for who may bring a guest',
  session_user_id_fkey: 'people of the master sign in to subtenants; only definer functions insert',
  tenant_default_role_id_fkey:
    'own or template: set by wall.default_role_set alone, which asks; read again at each acceptance',
  role_assignment_role_id_fkey:
    'templates of the master are assigned in subtenants; the insert policy asks for own or template',
  identity_source_default_role_id_fkey:
    'own or template: the insert and update policies ask; read again at each sign-in',
  identity_role_map_role_id_fkey: 'own or template: the insert policy asks; read again at each sign-in',
  scim_connection_default_role_id_fkey:
    'own or template: the insert and update policies ask; read again at each change',
  scim_role_map_role_id_fkey: 'own or template: the insert policy asks; read again at each change',
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
  host_sample_resource_id_fkey: 'resource-rooted',
  host_inventory_resource_id_fkey: 'resource-rooted; no serving role inserts',
  cloud_connection_cloud_id_fkey: 'resource-rooted; the policies ask who owns the cloud',
  cloud_sync_cloud_id_fkey: 'resource-rooted; no serving role inserts',
  cloud_item_resource_id_fkey: 'resource-rooted; no serving role inserts',
  cloud_action_resource_id_fkey: 'one acts on what one uses; the insert policy asks',
  cloud_item_cloud_id_fkey: 'resource-rooted; no serving role inserts',
  agent_credential_resource_id_fkey: 'resource-rooted; no serving role has a right on it',
  resource_group_member_resource_id_fkey: 'a group may hold what one uses; the insert policy asks for sight',
}

/** Uniqueness over all tenants, and why it tells nobody anything (P8). */
export const GLOBAL_UNIQUE: Record<string, string> = {
  access_grant_all_pkey: 'begins with two tenants',
  access_grant_pkey: 'random id',
  tenant_network_pkey: 'random id',
  break_glass_pkey: "the user's id, which the composite foreign key ties to its tenant",
  account_link_pkey: 'random id; no serving role inserts',
  account_link_token_hash_key: 'hash of 256 random bits; no serving role inserts',
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
  impersonation_pkey: 'random id; no serving role inserts',
  impersonation_code_hash_key: 'hash of 256 random bits; no serving role inserts',
  installation_pkey: 'one row',
  licence_pkey: 'of the installation',
  matrix_change_pkey: 'random id',
  host_move_pkey: 'random id; no serving role inserts',
  host_move_item_pkey: 'begins with a move; no serving role inserts',
  membership_pkey: 'random id',
  rate_limit_pkey: 'no serving role has a right on it',
  resource_group_member_pkey: 'begins with a group of the tenant, which the composite foreign key ties to it',
  mail_message_pkey: 'random id',
  invitation_pkey: 'random id',
  identity_source_pkey: 'random id',
  identity_answer_pkey: 'hash of 256 random bits; no serving role inserts',
  scim_connection_pkey: 'random id',
  scim_connection_token_hash_key: 'hash of 256 random bits',
  scim_group_pkey: 'random id; no serving role inserts',
  invitation_token_hash_key: 'hash of 256 random bits',
  resource_link_pkey: 'begins with a resource that one may edit',
  resource_group_pkey: 'random id',
  resource_pkey: 'random id',
  resource_state_pkey: 'no serving role inserts',
  host_sample_pkey: 'no serving role inserts',
  host_inventory_pkey: 'no serving role inserts',
  cloud_connection_pkey: "the cloud's id, whose owner alone inserts",
  cloud_sync_pkey: 'no serving role inserts',
  cloud_action_pkey: 'random id',
  cloud_action_one_key: 'of a machine that one uses: says that somebody is at it, which all who use it see',
  cloud_item_pkey: 'no serving role inserts',
  cloud_item_cloud_id_external_id_key: 'begins with a cloud; no serving role inserts',
  tenant_egress_pkey: 'master only',
  role_assignment_pkey: 'random id',
  session_pkey: 'random id; no serving role inserts',
  session_token_hash_key: 'hash of 256 random bits; no serving role inserts',
  sign_in_code_pkey: 'hash of 256 random bits; no serving role inserts',
  sign_up_pkey: 'random id; no serving role inserts',
  sign_up_policy_pkey: 'one row',
  sign_up_token_hash_key: 'hash of 256 random bits; no serving role writes',
  slug_rest_pkey: 'master only',
  tenant_name_key: 'master only',
  tenant_pkey: 'master only, random id',
  tenant_role_built_in_key: 'no serving role inserts',
  tenant_role_cloud_pkey: 'master only',
  tenant_role_name_key: 'master only',
  tenant_role_pkey: 'master only, random id',
  tenant_slug_key: 'master only; the answer is the same for taken, resting and reserved, and limited (A15)',
  passkey_challenge_pkey: 'hash of 256 random bits; no serving role inserts',
  tenant_policy_pkey: "the tenant's id; the insert policy asks for the acting tenant",
  user_totp_pkey: "the user's id; no serving role inserts",
  user_recovery_code_pkey: 'begins with the user; no serving role inserts',
  user_machine_login_pkey: 'begins with the user, whom the composite foreign key ties to the tenant',
  user_passkey_pkey: 'random id; no serving role inserts',
  user_passkey_credential_id_key: 'made by an authenticator; no serving role inserts',
  user_account_pkey: 'random id',
  user_credential_pkey: "the user's id, which the composite foreign key ties to its tenant",
  user_role_built_in_key: 'no serving role inserts',
  user_role_pkey: 'random id',
  worker_heartbeat_pkey: 'no serving role has a right on it',
}

/** Write policies with an OR in them, and why it does not widen the write. */
export const REVIEWED_OR: Record<string, string> = {
  invitation_insert: 'inside the EXISTS: a role of the same tenant, or a template of the master; or none',
  invitation_update: 'inside the EXISTS, as invitation_insert',
  identity_source_insert:
    'inside the EXISTS: a role of the same tenant, or a template of the master; or none',
  identity_source_update: 'inside the EXISTS, as identity_source_insert',
  identity_role_map_insert: 'inside the EXISTS: a role of the same tenant, or a template of the master',
  scim_connection_insert:
    'inside the EXISTS: a role of the same tenant, or a template of the master; or none',
  scim_connection_update: 'inside the EXISTS, as scim_connection_insert',
  scim_role_map_insert: 'inside the EXISTS: a role of the same tenant, or a template of the master',
  role_assignment_insert: 'inside the EXISTS: a role of the same tenant, or a template of the master',
}

/** Columns that no serving role may read. */
export const SECRET_COLUMNS = [
  'password_hash',
  'token_hash',
  'next_token_hash',
  'code_hash',
  'sealed_secret',
  'challenge_hash',
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
