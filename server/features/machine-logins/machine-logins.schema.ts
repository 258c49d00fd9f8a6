import { z } from 'zod'

export const SYSTEMS = ['windows', 'linux'] as const
export type System = (typeof SYSTEMS)[number]

/** What is told of one: never its secret. */
export const machineLogin = z.strictObject({
  system: z.enum(SYSTEMS),
  username: z.string(),
  kind: z.enum(['password', 'key']),
  setAt: z.string(),
})
export type MachineLogin = z.output<typeof machineLogin>

const username = z
  .string()
  .trim()
  .min(1, 'Enter the username on the machines.')
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'Leave control characters out.')
const secrets = {
  password: z.string().min(1, 'Enter the password.').max(1000).optional(),
  key: z
    .string()
    .max(20_000)
    .regex(
      /^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----\s*$/,
      'Paste the whole private key, from BEGIN to END.',
    )
    .optional(),
}

const oneSecret = (input: { system: System; password?: string; key?: string }) =>
  (input.password === undefined) !== (input.key === undefined) && (input.system === 'linux' || !input.key)
const ONE = { path: ['password'], message: 'Enter a password, or for Linux a key.' }

const own = z.strictObject({ system: z.enum(SYSTEMS), username, ...secrets })
export const setMine = own.refine(oneSecret, ONE)
export type SetMachineLogin = z.output<typeof setMine>
export const clearMine = z.strictObject({ system: z.enum(SYSTEMS) })

export const ofUser = z.strictObject({ id: z.uuid() })
export const setOfUser = own.extend({ id: z.uuid() }).refine(oneSecret, ONE)
export const clearOfUser = clearMine.extend({ id: z.uuid() })
export const machineLogins = z.strictObject({
  rows: z.array(machineLogin).max(2),
  can: z.strictObject({ set: z.boolean() }),
  why: z.strictObject({ set: z.string().optional() }),
})
export type MachineLogins = z.output<typeof machineLogins>
export const done = z.strictObject({ system: z.enum(SYSTEMS) })
