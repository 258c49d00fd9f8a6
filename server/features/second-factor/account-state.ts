import { systemValue } from '@/server/db/system'
import { AppError } from '@/server/platform/errors'

export interface Passkey {
  id: string
  name: string
  /** Name of the host that it was made on, and works on. */
  rpId: string
  createdAt: string
  lastUsedAt: string | null
  /** The authenticator's id of it, base64url. */
  credential: string
  transports: string[]
}

/** What of an account decides how it signs in to a tenant, beside the password. */
export interface AccountState {
  homeTenantId: string
  username: string
  email: string
  totpSince: string | null
  recoveryLeft: number
  passkeys: Passkey[]
  /** Which password it is: when it was set, in microseconds since 1970; null: there is none. */
  changed: string | null
  /** The password is older than the home tenant allows. */
  aged: boolean
  passwordMin: number
  /** Home or acting tenant, or the master, asks everybody for a second factor. */
  required: boolean
}

/** @param tenantId that is signed in to @throws AppError 401 when the account is gone */
export async function accountState(userId: string, tenantId: string): Promise<AccountState> {
  const state = await systemValue<AccountState | null, 'account_state'>('account_state', [userId, tenantId])
  if (!state) throw new AppError('unauthenticated', 'Sign in again')
  return state
}

export const hasFactor = (state: Pick<AccountState, 'totpSince' | 'passkeys'>): boolean =>
  state.totpSince !== null || state.passkeys.length > 0
