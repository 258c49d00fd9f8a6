import { isIP } from 'node:net'
import { invalidField } from '@/server/platform/errors'
import type { ClaimNames } from './claims'
import { allowedHere, mayReach } from './guarded-fetch'
import type { Kind } from './kind'
import { diagnoseDirectory } from './ldap-diagnose'
import { normalDn } from './ldap-dn'
import { type DirectorySettings, groupNameOf } from './ldap-person'
import { type LdapStored, ldapStored } from './ldap.schema'

const WAYS = { ldaps: 'LDAPS', starttls: 'StartTLS', plain: 'Not encrypted' }
const USUAL: ClaimNames = {
  usernameClaim: 'uid',
  emailClaim: 'mail',
  nameClaim: 'cn',
  groupsClaim: 'memberOf',
}

/** What a directory is asked by a source. @param names of the attributes */
export const settingsOf = (s: LdapStored, names: ClaimNames): DirectorySettings => ({
  ...s,
  caCertificate: s.caCertificate === '' ? null : s.caCertificate,
  loginAttributes: s.loginAttributes.split(' '),
  usernameAttribute: names.usernameClaim,
  emailAttribute: names.emailClaim,
  nameAttribute: names.nameClaim,
  groupsAttribute: names.groupsClaim,
})

/** Directory and branch in one form: the port and the way to connect may change, whoever vouches for people may not. */
const issuerOf = ({ host, baseDn }: Pick<LdapStored, 'host' | 'baseDn'>) =>
  `ldap://${isIP(host) === 6 ? `[${host}]` : host}/${normalDn(baseDn)}`

function assertAllowed({ host, security, groupsFrom, groupBase }: LdapStored): void {
  if (isIP(host) !== 0 && !mayReach(host, allowedHere()))
    throw invalidField('provider.host', 'The address is in a network that is not reached from here')
  if (security === 'plain' && allowedHere() === 'public')
    throw invalidField('provider.security', 'Passwords could be read on the way. Choose LDAPS or StartTLS')
  if (groupsFrom !== 'person' && groupBase === '')
    throw invalidField('provider.groupBase', 'Enter below what the groups are')
}

export const ldapKind: Kind<'ldap'> = {
  secretMissing: 'Enter the password of the account that searches.',
  secretAgain: 'Enter the password again: it would go elsewhere than before.',
  secretGoesTo: ({ host, port, security, caCertificate, bindDn }) =>
    JSON.stringify([host, port, security, caCertificate, bindDn]),
  testsSecret: true,
  issuerField: 'provider.host',
  store: ({ kind: _kind, ...settings }) => {
    assertAllowed(settings)
    const issuer = issuerOf(settings)
    if (issuer.length > 500) throw invalidField('provider.baseDn', 'This name is too long')
    return { issuer, settings }
  },
  show: (_issuer, settings) => ({ kind: 'ldap', ...ldapStored.parse(settings) }),
  subjectBy: ({ subjectAttribute }) => subjectAttribute,
  group: ({ groupName }, group) => {
    // What is a name is compared as a name; a cn is a text.
    const form = groupName === 'dn' ? groupNameOf(group, 'dn') : group.toLowerCase().replace(/\s+/g, ' ')
    if (form === null)
      throw invalidField(
        'roles',
        'Write each group as its whole name, such as cn=ops,ou=groups,dc=example,dc=com',
      )
    return form
  },
  logged: ({ kind: _kind, caCertificate, ...settings }) => ({
    ...settings,
    ownAuthority: caCertificate !== '',
  }),
  facts: ({ port, security, bindDn }) => [
    { label: 'Connection', value: `${WAYS[security]}, port ${port}` },
    { label: 'Account that searches', value: bindDn },
  ],
  addresses: () => [],
  diagnose: (provider, { secret, names = USUAL }) =>
    diagnoseDirectory(settingsOf(provider, names), secret ?? ''),
}
