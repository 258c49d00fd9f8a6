import { z } from 'zod'

const subjectAttribute = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_.:/-]{0,100}$/, 'The name of an attribute, such as employeeNumber.')

/** What is particular to SAML 2.0. There is no secret: answers are signed by the identity provider's key. */
export const samlProvider = z.strictObject({
  kind: z.literal('saml'),
  /** The identity provider's entity id. */
  issuer: z
    .string()
    .trim()
    .max(500, 'At most 500 characters.')
    .regex(
      /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{C}]+$/u,
      'Enter the entity id as the provider gives it, such as https://login.example.com/metadata.',
    ),
  /** Where people are sent to sign in. */
  ssoUrl: z
    .string()
    .trim()
    .max(1000, 'At most 1,000 characters.')
    .refine((value) => URL.canParse(value) && /^https?:\/\/[^\s#]+$/.test(value), {
      message: 'Enter an address such as https://login.example.com/saml/sso.',
    }),
  /** In PEM, one after the other. */
  certificates: z.string().trim().min(1, 'Enter the certificate of the provider.').max(20_000, 'Too long.'),
  /** Says who somebody is; empty: their persistent name id does. */
  subjectAttribute,
})
export type SamlProvider = z.output<typeof samlProvider>

/** As the database has it: certificates as base64 of their DER. */
export const samlStored = z.object({
  ssoUrl: z.string(),
  certificates: z.array(z.string()),
  subjectAttribute: z.string(),
})

/** Longest metadata of an identity provider, in characters. */
const METADATA_MAX = 300_000
export const readMetadata = z.strictObject({
  xml: z
    .string()
    .trim()
    .min(1, 'Paste the metadata first.')
    .max(METADATA_MAX, 'That is too long to be the metadata of one provider.'),
})
export const metadataAnswer = z.strictObject({
  issuer: z.string(),
  ssoUrl: z.string(),
  certificates: z.string(),
  /** What to know before it is used. */
  warnings: z.array(z.string()),
})
export type MetadataAnswer = z.output<typeof metadataAnswer>
