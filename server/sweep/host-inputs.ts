import { resourceId, tenantId } from '@/test/factories'
import { ada, empty, mara, none, own, type Valid } from '@/server/sweep/asking'

/** As VALID, of hosts and their agents. */
export const OF_HOSTS: Record<string, Valid> = {
  'hosts.list': ada(empty),
  'hosts.get': ada(own('resource')),
  'hosts.metrics': ada(own('resource', { range: 'hour' })),
  'hosts.inventory': ada(own('resource')),
  'hosts.rename': ada(own('resource', { name: 'renamed' })),
  'hosts.remove': ada(own('resource')),
  'hosts.assign': mara(() => ({ ids: [resourceId('master private')], tenantId: tenantId('A') })),
  'hosts.setVisibility': mara(() => ({ id: resourceId('master private'), visibility: 'public' })),
  'hosts.assignableTenants': mara(empty),
  'usage.pool': mara(none),
  'usage.tenants': mara(empty),
  'usage.ofTenant': mara(() => ({ tenantId: tenantId('A') })),
  'usage.setSlice': mara(() => ({ tenantId: tenantId('A'), hosts: 50 })),
  'usage.own': ada(none),
  'usage.warning': ada(none),
  'tenants.agents': mara(() => ({ id: tenantId('E') })),
}
