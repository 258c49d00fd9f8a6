import { X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { FilterParser } from 'ldapts'
import { z } from 'zod'
import { text } from './fields.schema'
import { normalDn } from './ldap-dn'

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const isFilter = (value: string): boolean => {
  try {
    return value.startsWith('(') && Boolean(FilterParser.parseString(value))
  } catch {
    return false
  }
}

/** One or more certificates and nothing else. */
const isCertificates = (value: string): boolean => {
  const found = value.match(CERTIFICATE) ?? []
  try {
    return (
      found.length > 0 &&
      found.every((pem) => new X509Certificate(pem)) &&
      value.replace(CERTIFICATE, '').trim() === ''
    )
  } catch {
    return false
  }
}

const name = (what: string) =>
  text(500, what).refine((value) => normalDn(value) !== null, {
    message: 'Write it like ou=people,dc=example,dc=com.',
  })
const optional = <T extends z.ZodType<string, string>>(value: T) => z.union([z.literal(''), value])

/** What is particular to a directory. Its secret, the password of the account that searches, stands beside it. */
const ldapSettings = {
  host: z
    .string()
    .trim()
    .toLowerCase()
    .max(253, 'At most 253 characters.')
    .refine((value) => HOST.test(value) || isIPv6(value), {
      message: 'Enter a name such as ldap.example.com, without ldaps:// and port.',
    }),
  port: z.int().min(1, 'From 1 to 65535.').max(65535, 'From 1 to 65535.'),
  /** `plain` only to this machine, where the install lets identity providers stand there. */
  security: z.enum(['ldaps', 'starttls', 'plain']),
  /** PEM of whom alone to trust; empty: the authorities that are trusted here. */
  caCertificate: optional(
    z
      .string()
      .trim()
      .max(16_000, 'At most 16000 characters.')
      .refine(isCertificates, { message: 'Paste it as text that begins with -----BEGIN CERTIFICATE-----.' }),
  ),
  /** Who searches: a distinguished name, or as Active Directory takes it, name@domain or DOMAIN\name. */
  bindDn: text(500, 'the account that searches').refine(
    (value) => normalDn(value) !== null || /^[^@\\]+[@\\][^@\\]+$/.test(value),
    { message: 'Write it like cn=reader,dc=example,dc=com, or reader@example.com in Active Directory.' },
  ),
  /** Below it people are. */
  baseDn: name('the base'),
  /** Who among them may sign in; empty: all. */
  personFilter: optional(
    text(1000, 'a filter').refine(isFilter, {
      message: 'This is no filter. Write it like (objectClass=person).',
    }),
  ),
  /** Attributes with what a person may type as their name, with spaces between them. */
  loginAttributes: z
    .string()
    .trim()
    .regex(
      /^[A-Za-z][A-Za-z0-9-]{0,60}(?: [A-Za-z][A-Za-z0-9-]{0,60}){0,4}$/,
      'Up to five attributes with one space between them.',
    ),
  /** What the directory gives an entry for good. */
  subjectAttribute: z.enum(['entryUUID', 'objectGUID']),
  /** Where groups are told: in the person's own attribute, or in the groups', which are searched for; also through groups in groups. */
  groupsFrom: z.enum(['person', 'search', 'nested']),
  /** Below it groups are; only where they are searched for. */
  groupBase: optional(name('the base of the groups')),
  /** What a group is called in the list of groups and roles. */
  groupName: z.enum(['dn', 'cn']),
}

export const ldapProvider = z.strictObject({ kind: z.literal('ldap'), ...ldapSettings })
export type LdapProvider = z.output<typeof ldapProvider>

/** As the database has it. */
export const ldapStored = z.object(ldapSettings)
export type LdapStored = z.output<typeof ldapStored>

/** POST /api/sso/ldap/:source/sign-in */
export const directoryInput = z.strictObject({
  login: z.string().min(1, 'Enter your username.').max(256),
  // An empty one is none: a directory says yes to it.
  password: z.string().min(1, 'Enter your password.').max(1000),
  csrfToken: z.string().max(200),
  next: z.string().max(2048).optional(),
})
