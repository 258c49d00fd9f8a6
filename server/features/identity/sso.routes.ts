import type { HttpRoute } from '@/server/http/route'
import { ldapRoutes } from './ldap.routes'
import { oidcRoutes } from './oidc.routes'
import { samlRoutes } from './saml.routes'

/** Signing in by the identity sources of a tenant, by kind. */
export const ssoRoutes: HttpRoute[] = [...oidcRoutes, ...samlRoutes, ...ldapRoutes]
