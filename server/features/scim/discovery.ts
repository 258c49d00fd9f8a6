import { type Kind, SCHEMA } from './attributes'
import type { Json } from './body'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0'
/** Rows of a page at most. */
export const PAGE_MAX = 200

/** What this server can (RFC 7643, 5). */
export const serviceProviderConfig = (base: string): Json => ({
  schemas: [`${CORE}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: PAGE_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'The token of the connection, from Settings > Identity',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
})

const TYPES: Record<Kind, { name: string; endpoint: string; description: string }> = {
  user: { name: 'User', endpoint: '/Users', description: 'Somebody whom this connection provisions' },
  group: { name: 'Group', endpoint: '/Groups', description: 'People who get roles together' },
}

/** RFC 7643, 6. */
export const resourceType = (base: string, kind: Kind): Json => ({
  schemas: [`${CORE}:ResourceType`],
  id: TYPES[kind].name,
  ...TYPES[kind],
  schema: SCHEMA[kind],
  schemaExtensions: [],
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${TYPES[kind].name}` },
})

interface Shape {
  type?: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime'
  multiValued?: boolean
  description: string
  required?: boolean
  caseExact?: boolean
  mutability?: 'readOnly' | 'readWrite'
  uniqueness?: 'none' | 'server'
  subAttributes?: Json[]
}

const attribute = (name: string, shape: Shape): Json => ({
  name,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...shape,
})

const ATTRIBUTES: Record<Kind, Json[]> = {
  user: [
    attribute('userName', {
      description: '1 to 64 of a-z, 0-9 and . _ @ + -; unique in the tenant',
      required: true,
      uniqueness: 'server',
    }),
    attribute('externalId', { description: 'What the directory calls them', caseExact: true }),
    attribute('name', {
      type: 'complex',
      description: 'Their name',
      subAttributes: [
        attribute('givenName', { description: 'First name' }),
        attribute('familyName', { description: 'Last name' }),
        attribute('formatted', { description: 'Both' }),
      ],
    }),
    attribute('displayName', { description: 'Made of the name', mutability: 'readOnly' }),
    attribute('active', {
      type: 'boolean',
      description: 'False: signed out everywhere at once, and not let in',
    }),
    attribute('emails', {
      type: 'complex',
      multiValued: true,
      description: 'One address is kept: the primary one, else that of work',
      subAttributes: [
        attribute('value', { description: 'The address' }),
        attribute('type', { description: 'work' }),
        attribute('primary', { type: 'boolean', description: 'true' }),
      ],
    }),
    attribute('groups', {
      type: 'complex',
      multiValued: true,
      mutability: 'readOnly',
      description: 'Groups that they are in',
      subAttributes: [
        attribute('value', { description: 'Id of the group', mutability: 'readOnly' }),
        attribute('display', { description: 'Its name', mutability: 'readOnly' }),
      ],
    }),
  ],
  group: [
    attribute('displayName', {
      description: 'By this name a group gives roles',
      required: true,
      caseExact: true,
      uniqueness: 'server',
    }),
    attribute('externalId', { description: 'What the directory calls it', caseExact: true }),
    attribute('members', {
      type: 'complex',
      multiValued: true,
      description: 'People whom this connection provisions; no groups',
      subAttributes: [
        attribute('value', { description: 'Id of the user', caseExact: true }),
        attribute('display', { description: 'Username', mutability: 'readOnly' }),
      ],
    }),
  ],
}

/** RFC 7643, 7. */
export const schemaOf = (base: string, kind: Kind): Json => ({
  schemas: [`${CORE}:Schema`],
  id: SCHEMA[kind],
  name: TYPES[kind].name,
  description: TYPES[kind].description,
  attributes: ATTRIBUTES[kind],
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${SCHEMA[kind]}` },
})

/** A page of a list (RFC 7644, 3.4.2). @param start of its first, from 1 */
export const listOf = (rows: readonly Json[], total = rows.length, start = 1): Json => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex: start,
  itemsPerPage: rows.length,
  Resources: rows,
})
