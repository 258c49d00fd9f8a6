import { importBoundaries } from './boundaries.mjs'
import { noBarrel, noDefaultExport, noProcessEnv, noRoleNames, noTrpcError } from './house.mjs'
import { noBuiltSql, noResourceFindMany, noUnsafeSql } from './sql.mjs'

/** Freehold's own lint rules; scripts/lint-rules.test.ts shows a bad and a good example of each. */
export const freehold = {
  meta: { name: 'freehold' },
  rules: {
    'import-boundaries': importBoundaries,
    'no-barrel': noBarrel,
    'no-built-sql': noBuiltSql,
    'no-default-export': noDefaultExport,
    'no-process-env': noProcessEnv,
    'no-resource-find-many': noResourceFindMany,
    'no-role-names': noRoleNames,
    'no-trpc-error': noTrpcError,
    'no-unsafe-sql': noUnsafeSql,
  },
}
