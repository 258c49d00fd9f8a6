import { z } from 'zod'

const id = z.uuid('Not an id')
/** `machineId`: a bare metal server that boots it; its parameters then beat the environment's. */
export const bootAddressInput = z.strictObject({ id, machineId: id.optional() })
export const bootAddressOutput = z.strictObject({ url: z.string(), expiresAt: z.iso.datetime() })
