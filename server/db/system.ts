import type { QueryConfig } from 'pg'
import { retrying } from '@/server/db/retry'
import { database } from '@/server/db/runtime'

/** In whose log a row is written, and of which request. */
type WrittenTo = [tenantId: string, ip: string, requestId: string]

/**
 * The functions that the system role may call, with their parameters: all that happens for nobody in particular, or before
 * anyone is known. The role has no right on any table (prisma/migrations/…_functions).
 */
export interface SystemFunctions {
  auth_context: [token: Buffer | null, slug: string]
  auth_peek: [token: Buffer | null, slug: string]
  auth_context_at: [token: Buffer | null, slug: string, ip: string]
  auth_peek_at: [token: Buffer | null, slug: string, ip: string]
  address_admitted: [slug: string, ip: string]
  break_glass_lookup: [slug: string, username: string]
  break_glass_session: [
    tenantId: string,
    userId: string,
    tokenHash: Buffer,
    ip: string,
    userAgent: string,
    requestId: string,
    changed: string | null,
  ]
  break_glass_told: [tenantId: string]
  install_state: []
  clock_note: []
  billing_customer: [livemode: boolean]
  billing_turn: [livemode: boolean, take: boolean]
  billing_ticket: [livemode: boolean]
  billing_open: [livemode: boolean]
  billing_apply: [facts: object]
  billing_gone: [id: string]
  billing_mode: [livemode: boolean]
  stripe_event_add: [
    id: string,
    type: string,
    objectId: string,
    livemode: boolean,
    createdAt: string,
    status: 'pending' | 'ignored',
    reason: string,
  ]
  stripe_events_claim: [limit: number]
  stripe_event_done: [id: string, status: 'done' | 'parked' | 'ignored', reason: string]
  stripe_events_again: [but: string]
  stripe_events_forget: []
  setup_code: [codeHash: Buffer]
  setup_finish: [
    codeHash: Buffer,
    tenantName: string,
    user: object,
    passwordHash: string,
    trialDays: number,
    trialHosts: number,
  ]
  sign_in_lookup: [hostSlug: string, homeSlug: string, username: string]
  session_create: [
    tenantId: string,
    userId: string,
    tokenHash: Buffer,
    ip: string,
    userAgent: string,
    requestId: string,
    changed?: string | null,
  ]
  session_end: [tokenHash: Buffer, requestId: string]
  session_password: [tokenHash: Buffer]
  password_change: [
    tokenHash: Buffer,
    passwordHash: string,
    newTokenHash: Buffer,
    ip: string,
    requestId: string,
  ]
  sign_in_code_create: [
    tenantId: string,
    userId: string,
    codeHash: Buffer,
    nonceHash: Buffer,
    changed: string,
  ]
  sign_in_code_redeem: [codeHash: Buffer, nonceHash: Buffer, slug: string]
  switch_target: [tokenHash: Buffer, from: string, tenantId: string]
  switch_code: [tokenHash: Buffer, from: string, tenantId: string, codeHash: Buffer, nonceHash: Buffer]
  switch_session: [
    codeHash: Buffer,
    nonceHash: Buffer,
    slug: string,
    newTokenHash: Buffer,
    ip: string,
    userAgent: string,
    requestId: string,
  ]
  rate_hit: [bucket: string, windowSeconds: number, limit: number]
  rate_hits: [bucket: string, windowSeconds: number, limit: number, hits: number]
  rate_clear: [bucket: string]
  audit_system: [tenantId: string, actorId: string | null, actorName: string, event: object]
  audit_acting: [sessionId: string, event: object]
  impersonation_code: [parentTokenHash: Buffer, id: string, codeHash: Buffer, nonceHash: Buffer]
  impersonation_enter: [
    codeHash: Buffer,
    nonceHash: Buffer,
    slug: string,
    tokenHash: Buffer,
    ip: string,
    userAgent: string,
    requestId: string,
  ]
  impersonation_over: [tokenHash: Buffer]
  agent_enrol: [
    tokenHash: Buffer,
    credentialHash: Buffer,
    name: string,
    machineId: string,
    bootId: string,
    facts: object,
    gate: string,
    ip: string,
    requestId: string,
  ]
  boot_source: [slug: string, environment: string, machine: string | null]
  agent_report: [
    tokenHash: Buffer,
    seq: number,
    machineId: string,
    bootId: string,
    facts: object,
    nextHash: Buffer,
  ]
  agent_inventory: [
    tokenHash: Buffer,
    seq: number,
    machineId: string,
    revision: string,
    packages: object | null,
    services: object | null,
  ]
  agent_goodbye: [tokenHash: Buffer, ip: string]
  notify_reports: [hostIds: string[]]
  hosts_offline: [seconds: number]
  host_samples_tidy: []
  sweep: []
  grants_tick: []
  matrix_purge: []
  host_moves_purge: []
  mail_queue: [id: string, tenantId: string, kind: string, to: string, subject: string, body: Buffer]
  mail_claim: [limit: number]
  mail_done: [id: string, status: string, error: string, retrySeconds: number | null]
  mail_purge: []
  invitation_look: [tokenHash: Buffer, slug: string]
  invitation_decline: [tokenHash: Buffer, slug: string, requestId: string]
  invitation_accept: [
    tokenHash: Buffer,
    slug: string,
    user: object | null,
    passwordHash: string | null,
    existing: string | null,
    ip: string,
    requestId: string,
  ]
  invitations_purge: []
  reset_find: [homeSlug: string, name: string]
  reset_start: [userId: string, tokenHash: Buffer, ip: string, requestId: string]
  link_peek: [slug: string, kind: string, tokenHash: Buffer]
  reset_finish: [slug: string, tokenHash: Buffer, passwordHash: string, ip: string, requestId: string]
  email_confirm: [slug: string, tokenHash: Buffer, ip: string, requestId: string]
  link_purge: []
  policy_at: [hostSlug: string, homeSlug: string]
  account_state: [userId: string, tenantId: string]
  password_aged: [userId: string]
  totp_set: [
    userId: string,
    sealed: Buffer,
    step: number,
    codeHashes: Buffer[],
    keepSession: Buffer | null,
    ...log: WrittenTo,
  ]
  totp_secret: [userId: string]
  totp_use: [userId: string, step: number]
  totp_remove: [userId: string, keepSession: Buffer | null, ...log: WrittenTo]
  recovery_set: [userId: string, codeHashes: Buffer[], ...log: WrittenTo]
  recovery_use: [userId: string, codeHash: Buffer, ...log: WrittenTo]
  challenge_use: [hash: Buffer, tenantId: string]
  passkey_add: [
    userId: string,
    key: object,
    credential: Buffer,
    publicKey: Buffer,
    codeHashes: Buffer[],
    keepSession: Buffer | null,
    ...log: WrittenTo,
  ]
  passkey_find: [credential: Buffer, hostSlug: string]
  passkey_used: [id: string, counter: number]
  passkey_remove: [userId: string, id: string, keepSession: Buffer | null, ...log: WrittenTo]
  identity_buttons: [slug: string]
  identity_source_live: [sourceId: string, slug: string]
  identity_answer_keep: [requestHash: Buffer, sourceId: string, slug: string, sealed: Buffer]
  identity_session: [
    tenantId: string,
    userId: string,
    tokenHash: Buffer,
    ip: string,
    userAgent: string,
    requestId: string,
    changed: string | null,
    sourceId: string,
  ]
  identity_answer_take: [requestHash: Buffer, sourceId: string]
  identity_sealed: [sourceId: string, tenantId: string]
  identity_sign_in: [
    sourceId: string,
    slug: string,
    issuer: string,
    subject: string,
    person: object,
    groups: string[],
    ip: string,
    requestId: string,
  ]
  scim_open: [tokenHash: Buffer, slug: string]
  scim_list: [
    tokenHash: Buffer,
    slug: string,
    kind: string,
    ask: object,
    start: number,
    count: number,
    members: boolean,
  ]
  scim_user_put: [
    tokenHash: Buffer,
    slug: string,
    id: string | null,
    user: object,
    match: string | null,
    passwordHash: string,
    ip: string,
    requestId: string,
  ]
  scim_group_put: [
    tokenHash: Buffer,
    slug: string,
    id: string | null,
    group: object,
    members: string,
    match: string | null,
    ip: string,
    requestId: string,
  ]
  scim_delete: [
    tokenHash: Buffer,
    slug: string,
    kind: string,
    id: string,
    match: string | null,
    ip: string,
    requestId: string,
  ]
  sign_up_open: []
  sign_up_start: [email: string, name: string, slug: string, tokenHash: Buffer, ip: string, requestId: string]
  sign_up_look: [tokenHash: Buffer]
  sign_up_confirm: [tokenHash: Buffer, ip: string, requestId: string]
  sign_up_finish: [
    tokenHash: Buffer,
    tenantId: string,
    wanted: { name: string; slug: string },
    user: object,
    passwordHash: string,
    mail: { id: string; kind: string; subject: string },
    mailBody: Buffer,
    ip: string,
    requestId: string,
  ]
  sign_up_purge: []
  usage_count: []
  pool_warning_due: [builtInRoles: string[]]
  pool_warning_tell: [from: number, to: number, mails: string]
  heartbeat: [workerId: string]
  health: []
  task_claim: []
  task_progress: [id: string, attempt: number, done: number]
  task_fail: [id: string, attempt: number, error: string]
  connection_live: [cloudId: string]
  egress_of: [tenantId: string]
  sync_claim: []
  sync_beat: [run: string]
  sync_seen: [run: string, ids: string[], hashes: string[], states: string[]]
  sync_release: [run: string]
  sync_batch: [run: string, rows: string, leftOut: number]
  sync_finish: [run: string, places: string[]]
  sync_fail: [run: string, code: string, error: string, waitSeconds: number | null]
  activity_take: [run: string, rows: string]
  backups_take: [run: string, rows: string]
  backups_due: [run: string]
  streams_end: [run: string, running: string[] | null, backups: string[] | null, note: string]
  activity_purge: []
  watch_claim: [connectors: string[]]
  watch_beat: [runs: string[]]
  watch_told: [run: string]
  watch_end: [run: string, lost: boolean, lived: boolean]
  action_claim: []
  action_beat: [id: string, handle: string | null]
  action_done: [id: string, ok: boolean, message: string]
  console_take: [ticket: Buffer, sessionId: string]
  console_beat: [id: string]
  console_end: [id: string, why: string]
  console_sweep: []
  creation_claim: []
  creation_reserve: [id: string, externalId: string]
  creation_beat: [id: string, handle: string | null]
  creation_done: [id: string, ok: boolean, message: string, externalId: string | null, status: string]
}

/**
 * Calls one function of the list as the system role and returns its rows (a scalar or jsonb comes as column `value`).
 * One statement, one transaction: a deadlock's victim runs again.
 */
export async function callSystem<Row, Name extends keyof SystemFunctions = keyof SystemFunctions>(
  name: Name,
  args: SystemFunctions[Name],
): Promise<Row[]> {
  const holes = args.map((_, i) => `$${i + 1}`).join(', ')
  const { system, prepare } = database()
  const query: QueryConfig = {
    ...(prepare && { name: `system.${name}` }),
    text: TABLES.has(name)
      ? `select * from wall.${name}(${holes})`
      : `select wall.${name}(${holes}) as value`,
    values: args,
  }
  const { rows } = await retrying(() => system.query(query))
  return rows as Row[]
}

const TABLES = new Set<keyof SystemFunctions>([
  'sign_in_lookup',
  'session_password',
  'sign_in_code_redeem',
  'agent_report',
  'mail_claim',
  'stripe_events_claim',
  'billing_open',
  'reset_find',
  'totp_secret',
  'passkey_find',
  'identity_source_live',
  'break_glass_lookup',
  'break_glass_told',
])

/** As callSystem, for functions with one value. */
export async function systemValue<Value, Name extends keyof SystemFunctions = keyof SystemFunctions>(
  name: Name,
  args: SystemFunctions[Name],
): Promise<Value> {
  const [row] = await callSystem<{ value: Value }, Name>(name, args)
  return (row as { value: Value }).value
}
