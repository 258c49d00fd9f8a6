import type { SignedInOp } from '@/server/context/op'
import type { TenantChoice } from './form-values'

/** The master tenant as pickers show it, where its people work; undefined in a subtenant. */
export const masterOf = ({ tenant }: SignedInOp): TenantChoice | undefined =>
  tenant.isMaster ? { id: tenant.id, name: tenant.name, icon: tenant.icon } : undefined
