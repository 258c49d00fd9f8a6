/** What answers from any address, whatever list a tenant keeps; each with its reason. A Declaration's `address`. */
export const EMERGENCY = {
  of: 'anybody',
  because: 'The way in for who is shut out; takes accounts of emergency alone',
} as const
export const WAY_BACK = {
  of: 'anybody',
  because: 'Leads the master’s people back to where they belong; knows nothing of the tenant',
} as const
export const OF_DIRECTORY = {
  of: 'anybody',
  because: 'A directory proves a token, and stands where its owner or a cloud put it',
} as const
export const OF_STRIPE = {
  of: 'anybody',
  because: 'Stripe proves a signature, and calls from wherever it likes',
} as const
export const SAML_METADATA = {
  of: 'anybody',
  because: 'What a provider is told when it is set up; servers fetch it, and it names nobody',
} as const
/** What the master's list decides in place of the tenant's. */
export const WAY_IN = {
  of: 'provider',
  because: 'The way of the master’s people into a tenant, which agreed to them and not to where they sit',
} as const
