/** The master tenant: made at first start, exactly one, constant id; `default` is its name in the API (PRODUCT, "Words"). */
export const MASTER_TENANT_ID = '00000000-0000-4000-8000-000000000001'
export const MASTER_SLUG = 'default'
