/** What a licence can open beyond the master tenant. A plan or key may name others too: they open what a later version asks for. */
export const CAPABILITIES = {
  multi_tenant: {
    label: 'Multi-tenant',
    offer: 'Tenants with their own users, roles and subdomain, as many as you like',
  },
  sso: {
    label: 'Single sign-on',
    offer: 'Single sign-on by OpenID Connect, SAML and LDAP, and people from your directory by SCIM',
  },
} as const
export type Capability = keyof typeof CAPABILITIES

/** In words: what is known has a label, another is its own name. */
export const capabilityLabel = (name: string): string =>
  Object.hasOwn(CAPABILITIES, name) ? CAPABILITIES[name as Capability].label : name
