-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "tenant_role" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "built_in" TEXT,
    "levels" JSONB NOT NULL DEFAULT '{}',
    "sharing" BOOLEAN NOT NULL DEFAULT false,
    "default_cloud_level" TEXT NOT NULL DEFAULT 'none',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_role_cloud" (
    "tenant_role_id" UUID NOT NULL,
    "cloud_id" UUID NOT NULL,
    "level" TEXT NOT NULL,

    CONSTRAINT "tenant_role_cloud_pkey" PRIMARY KEY ("tenant_role_id","cloud_id")
);

-- CreateTable
CREATE TABLE "tenant_cloud" (
    "tenant_id" UUID NOT NULL,
    "cloud_id" UUID NOT NULL,
    "group_id" UUID,

    CONSTRAINT "tenant_cloud_pkey" PRIMARY KEY ("tenant_id","cloud_id")
);

-- CreateTable
CREATE TABLE "user_role" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "built_in" TEXT,
    "multi_tenant" BOOLEAN NOT NULL DEFAULT false,
    "levels" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_account" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "home_tenant_id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "first_name" TEXT NOT NULL DEFAULT '',
    "last_name" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'active',
    "parent_level" BOOLEAN NOT NULL DEFAULT false,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sign_in_at" TIMESTAMPTZ(6),

    CONSTRAINT "user_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_credential" (
    "user_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "password_hash" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "must_change" BOOLEAN NOT NULL DEFAULT false,
    "expires_at" TIMESTAMPTZ(6),

    CONSTRAINT "user_credential_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_assignment" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(6),

    CONSTRAINT "role_assignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "idle_expires_at" TIMESTAMPTZ(6) NOT NULL,
    "absolute_expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),
    "ip" TEXT NOT NULL DEFAULT '',
    "user_agent" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_code" (
    "code_hash" BYTEA NOT NULL,
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "nonce_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "sign_in_code_pkey" PRIMARY KEY ("code_hash")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "bucket" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(6) NOT NULL,
    "hits" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("bucket","window_start")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "actor_id" UUID,
    "actor_name" TEXT NOT NULL,
    "subject_id" UUID,
    "subject_name" TEXT NOT NULL DEFAULT '',
    "actor_tenant_id" UUID,
    "event" TEXT NOT NULL,
    "target_kind" TEXT NOT NULL DEFAULT '',
    "target_id" TEXT NOT NULL DEFAULT '',
    "target_name" TEXT NOT NULL DEFAULT '',
    "result" TEXT NOT NULL DEFAULT 'ok',
    "reason" TEXT NOT NULL DEFAULT '',
    "before" JSONB,
    "after" JSONB,
    "ip" TEXT NOT NULL DEFAULT '',
    "request_id" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_seal" (
    "tenant_id" UUID NOT NULL,
    "n" BIGINT NOT NULL,
    "event_id" UUID NOT NULL,
    "prev" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_seal_pkey" PRIMARY KEY ("tenant_id","n")
);

-- CreateTable
CREATE TABLE "resource" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "assigned_id" UUID NOT NULL,
    "visibility" TEXT NOT NULL DEFAULT 'private',
    "cloud_id" UUID,
    "parent_id" UUID,
    "created_by" UUID,
    "spec" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_state" (
    "resource_id" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "last_seen_at" TIMESTAMPTZ(6),
    "facts" JSONB NOT NULL DEFAULT '{}',
    "conflict_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resource_state_pkey" PRIMARY KEY ("resource_id")
);

-- CreateTable
CREATE TABLE "access_grant" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "resource_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'live',
    "expires_at" TIMESTAMPTZ(6),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_grant_all" (
    "owner_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'live',
    "expires_at" TIMESTAMPTZ(6),

    CONSTRAINT "access_grant_all_pkey" PRIMARY KEY ("owner_id","tenant_id","kind")
);

-- CreateTable
CREATE TABLE "resource_group" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resource_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_group_member" (
    "tenant_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,

    CONSTRAINT "resource_group_member_pkey" PRIMARY KEY ("group_id","resource_id")
);

-- CreateTable
CREATE TABLE "enrolment_token" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "max_uses" INTEGER NOT NULL DEFAULT 1,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enrolment_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_credential" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "resource_id" UUID,
    "token_hash" BYTEA NOT NULL,
    "next_token_hash" BYTEA,
    "machine_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL DEFAULT '',
    "prev_boot_id" TEXT NOT NULL DEFAULT '',
    "seq" BIGINT NOT NULL DEFAULT 0,
    "rotated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_credential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "worker_heartbeat" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "worker_heartbeat_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "icon" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'active',
    "status_reason" TEXT NOT NULL DEFAULT '',
    "tenant_role_id" UUID,
    "currency" TEXT NOT NULL DEFAULT 'USD',
    "account_number" TEXT NOT NULL DEFAULT '',
    "account_name" TEXT NOT NULL DEFAULT '',
    "customer_number" TEXT NOT NULL DEFAULT '',
    "setup" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),
    "purge_after" TIMESTAMPTZ(6),

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "slug_rest" (
    "slug" TEXT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "slug_rest_pkey" PRIMARY KEY ("slug")
);

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "install_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "multi_tenant_enabled" BOOLEAN NOT NULL DEFAULT false,
    "setup_code_hash" BYTEA,
    "setup_done_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "licence" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "source" TEXT NOT NULL,
    "capabilities" TEXT[],
    "host_limit" INTEGER,
    "starts_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "licence_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_role_name_key" ON "tenant_role"("name");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_role_built_in_key" ON "tenant_role"("built_in");

-- CreateIndex
CREATE INDEX "tenant_role_cloud_cloud_id_idx" ON "tenant_role_cloud"("cloud_id");

-- CreateIndex
CREATE INDEX "tenant_cloud_cloud_id_idx" ON "tenant_cloud"("cloud_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_role_built_in_key" ON "user_role"("built_in");

-- CreateIndex
CREATE UNIQUE INDEX "user_role_tenant_id_name_key" ON "user_role"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "user_account_home_tenant_id_username_key" ON "user_account"("home_tenant_id", "username");

-- CreateIndex
CREATE UNIQUE INDEX "user_account_id_home_tenant_id_key" ON "user_account"("id", "home_tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_credential_user_id_tenant_id_key" ON "user_credential"("user_id", "tenant_id");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_tenant_id_user_id_key" ON "membership"("tenant_id", "user_id");

-- CreateIndex
CREATE INDEX "role_assignment_role_id_idx" ON "role_assignment"("role_id");

-- CreateIndex
CREATE UNIQUE INDEX "role_assignment_tenant_id_user_id_role_id_key" ON "role_assignment"("tenant_id", "user_id", "role_id");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_hash_key" ON "session"("token_hash");

-- CreateIndex
CREATE INDEX "session_tenant_id_user_id_created_at_idx" ON "session"("tenant_id", "user_id", "created_at");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "rate_limit_window_start_idx" ON "rate_limit"("window_start");

-- CreateIndex
CREATE INDEX "audit_event_tenant_id_at_id_idx" ON "audit_event"("tenant_id", "at", "id");

-- CreateIndex
CREATE INDEX "audit_event_at_id_idx" ON "audit_event"("at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_event_id_tenant_id_key" ON "audit_event"("id", "tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_seal_event_id_key" ON "audit_seal"("event_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_seal_tenant_id_prev_key" ON "audit_seal"("tenant_id", "prev");

-- CreateIndex
CREATE UNIQUE INDEX "audit_seal_event_id_tenant_id_key" ON "audit_seal"("event_id", "tenant_id");

-- CreateIndex
CREATE INDEX "resource_assigned_id_kind_name_id_idx" ON "resource"("assigned_id", "kind", "name", "id");

-- CreateIndex
CREATE INDEX "resource_owner_id_kind_name_id_idx" ON "resource"("owner_id", "kind", "name", "id");

-- CreateIndex
CREATE INDEX "resource_cloud_id_idx" ON "resource"("cloud_id");

-- CreateIndex
CREATE INDEX "resource_parent_id_idx" ON "resource"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_id_owner_id_key" ON "resource"("id", "owner_id");

-- CreateIndex
CREATE INDEX "resource_state_status_last_seen_at_idx" ON "resource_state"("status", "last_seen_at");

-- CreateIndex
CREATE INDEX "access_grant_resource_id_owner_id_idx" ON "access_grant"("resource_id", "owner_id");

-- CreateIndex
CREATE INDEX "access_grant_owner_id_idx" ON "access_grant"("owner_id");

-- CreateIndex
CREATE UNIQUE INDEX "access_grant_tenant_id_resource_id_key" ON "access_grant"("tenant_id", "resource_id");

-- CreateIndex
CREATE INDEX "access_grant_all_tenant_id_idx" ON "access_grant_all"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_group_tenant_id_name_key" ON "resource_group"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "resource_group_id_tenant_id_key" ON "resource_group"("id", "tenant_id");

-- CreateIndex
CREATE INDEX "resource_group_member_resource_id_idx" ON "resource_group_member"("resource_id");

-- CreateIndex
CREATE INDEX "resource_group_member_tenant_id_idx" ON "resource_group_member"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_token_token_hash_key" ON "enrolment_token"("token_hash");

-- CreateIndex
CREATE INDEX "enrolment_token_tenant_id_created_at_idx" ON "enrolment_token"("tenant_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "agent_credential_resource_id_key" ON "agent_credential"("resource_id");

-- CreateIndex
CREATE UNIQUE INDEX "agent_credential_token_hash_key" ON "agent_credential"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "agent_credential_next_token_hash_key" ON "agent_credential"("next_token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slug_key" ON "tenant"("slug");

-- CreateIndex
CREATE INDEX "tenant_tenant_role_id_idx" ON "tenant"("tenant_role_id");

-- CreateIndex
CREATE INDEX "tenant_created_at_id_idx" ON "tenant"("created_at", "id");

-- CreateIndex
CREATE INDEX "licence_created_at_idx" ON "licence"("created_at");

-- AddForeignKey
ALTER TABLE "tenant_role_cloud" ADD CONSTRAINT "tenant_role_cloud_tenant_role_id_fkey" FOREIGN KEY ("tenant_role_id") REFERENCES "tenant_role"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_role_cloud" ADD CONSTRAINT "tenant_role_cloud_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_cloud" ADD CONSTRAINT "tenant_cloud_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant_cloud" ADD CONSTRAINT "tenant_cloud_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_role" ADD CONSTRAINT "user_role_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_account" ADD CONSTRAINT "user_account_home_tenant_id_fkey" FOREIGN KEY ("home_tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_credential" ADD CONSTRAINT "user_credential_user_id_tenant_id_fkey" FOREIGN KEY ("user_id", "tenant_id") REFERENCES "user_account"("id", "home_tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "membership"("tenant_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "user_role"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_seal" ADD CONSTRAINT "audit_seal_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_seal" ADD CONSTRAINT "audit_seal_event_id_tenant_id_fkey" FOREIGN KEY ("event_id", "tenant_id") REFERENCES "audit_event"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_assigned_id_fkey" FOREIGN KEY ("assigned_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_cloud_id_fkey" FOREIGN KEY ("cloud_id") REFERENCES "resource"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "resource"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_state" ADD CONSTRAINT "resource_state_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant" ADD CONSTRAINT "access_grant_resource_id_owner_id_fkey" FOREIGN KEY ("resource_id", "owner_id") REFERENCES "resource"("id", "owner_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant" ADD CONSTRAINT "access_grant_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant" ADD CONSTRAINT "access_grant_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant_all" ADD CONSTRAINT "access_grant_all_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant_all" ADD CONSTRAINT "access_grant_all_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_group" ADD CONSTRAINT "resource_group_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_group_member" ADD CONSTRAINT "resource_group_member_group_id_tenant_id_fkey" FOREIGN KEY ("group_id", "tenant_id") REFERENCES "resource_group"("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_group_member" ADD CONSTRAINT "resource_group_member_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_credential" ADD CONSTRAINT "agent_credential_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tenant" ADD CONSTRAINT "tenant_tenant_role_id_fkey" FOREIGN KEY ("tenant_role_id") REFERENCES "tenant_role"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


