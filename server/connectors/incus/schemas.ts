import { z } from 'zod'

/** What is read of the API's objects: all but names may be missing, and unknown keys are let be (restricted certificates see less). */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const config = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})
const devices = z
  .record(z.string(), config)
  .nullish()
  .transform((value) => value ?? {})
const amount = z.number().nonnegative().optional()

export const server = z.looseObject({
  auth: text,
  api_extensions: z.array(z.string()).nullish(),
  environment: z
    .looseObject({
      server: text,
      server_version: text,
      server_name: text,
      server_clustered: z.boolean().nullish(),
    })
    .nullish(),
})
export const project = z.looseObject({ name: z.string(), description: text, config })
export const member = z.looseObject({ server_name: z.string(), status: text, architecture: text })
export const network = z.looseObject({
  name: z.string(),
  description: text,
  managed: z.boolean().nullish(),
  type: text,
  project: text,
  config,
})
export const pool = z.looseObject({ name: z.string(), description: text, driver: text, status: text })
export const space = z.looseObject({ space: z.looseObject({ used: amount, total: amount }).nullish() })
export const image = z.looseObject({
  fingerprint: z.string(),
  size: amount,
  type: text,
  architecture: text,
  project: text,
  aliases: z.array(z.looseObject({ name: z.string() })).nullish(),
  properties: config,
})
const state = z.looseObject({
  memory: z.looseObject({ usage: amount, total: amount }).nullish(),
  disk: z.record(z.string(), z.looseObject({ usage: amount, total: amount })).nullish(),
  network: z
    .record(
      z.string(),
      z.looseObject({ addresses: z.array(z.looseObject({ address: z.string(), scope: text })).nullish() }),
    )
    .nullish(),
  started_at: text,
})
export const instance = z.looseObject({
  name: z.string(),
  status: text,
  type: text,
  description: text,
  location: text,
  architecture: text,
  profiles: z.array(z.string()).nullish(),
  config,
  expanded_config: config,
  expanded_devices: devices,
  state: state.nullish(),
})
export const snapshot = z.looseObject({ name: z.string(), created_at: text, description: text })
export const operation = z.looseObject({
  id: z.string(),
  class: text,
  description: text,
  created_at: text,
  updated_at: text,
  status: text,
  status_code: z.number(),
  err: text,
  resources: z.record(z.string(), z.array(z.string()).nullish()).nullish(),
})

export type Instance = z.infer<typeof instance>
export type Project = z.infer<typeof project>
export type Operation = z.infer<typeof operation>
