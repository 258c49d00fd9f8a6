/** The master tenant: made at first start, exactly one, constant id; `default` is its name in the API (PRODUCT, "Words"). */
export const MASTER_TENANT_ID = '00000000-0000-4000-8000-000000000001'
export const MASTER_SLUG = 'default'

/** Stands in for all tenants where locks are taken: templates, and public things taken back (docs/decisions/0012). */
export const EVERYONE_LOCK = '00000000-0000-4000-8000-0000000000ff'
