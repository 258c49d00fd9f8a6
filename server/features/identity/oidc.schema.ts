import { z } from 'zod'
import { text } from './fields.schema'

const oidcSettings = {
  /** What the provider calls this console: its client id. */
  client: text(200, 'the client id'),
  scopes: z
    .string()
    .trim()
    .max(200, 'At most 200 characters.')
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'Names with one space between them.')
    .refine((value) => value.split(' ').includes('openid'), 'openid has to be among them.'),
}

/** What is particular to OpenID Connect. Its secret, the client's, stands beside it. */
export const oidcProvider = z.strictObject({
  kind: z.literal('oidc'),
  issuer: z
    .string()
    .trim()
    .max(500, 'At most 500 characters.')
    .refine((value) => URL.canParse(value) && /^https?:\/\/[^\s?#]+$/.test(value), {
      message: 'Enter an address such as https://login.example.com/realms/acme, without ? and #.',
    }),
  ...oidcSettings,
})

/** As the database has it. */
export const oidcStored = z.object(oidcSettings)
