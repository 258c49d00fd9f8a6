const AREA_WORDS: Record<string, string> = {
  account: 'Accounts',
  enrolment_token: 'Enrolment tokens',
  host: 'Hosts',
  session: 'Sign-ins',
  settings: 'Settings',
  setup: 'Set-up',
  tenant: 'Tenants',
  user: 'Users',
}

/** The areas that the audit log can be narrowed to: the first word of an event's name. */
export const AUDIT_AREAS = Object.entries(AREA_WORDS).map(([value, label]) => ({ value, label }))

/** An event's name in words: `tenant.sign_in_failed` reads "Tenant: sign in failed". */
export function eventWords(event: string): string {
  const [area = '', ...rest] = event.split('.')
  const words = (text: string) =>
    text
      .replaceAll('_', ' ')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  const head = words(area)
  return `${head.charAt(0).toUpperCase()}${head.slice(1)}${rest.length > 0 ? `: ${words(rest.join(' '))}` : ''}`
}
