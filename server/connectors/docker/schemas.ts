import { z } from 'zod'

/** What is read of the API's objects: all but ids may be missing, and unknown keys are let be. */
const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? '')
const amount = z.number().nonnegative().optional().catch(undefined)
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .catch(null)
  .transform((value) => value ?? {})
const listOf = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .catch(null)
    .transform((value) => value ?? [])

export const info = z.looseObject({
  Name: text,
  OperatingSystem: text,
  OSType: text,
  KernelVersion: text,
  Architecture: text,
  Driver: text,
  NCPU: amount,
  MemTotal: amount,
  Swarm: z.looseObject({ LocalNodeState: text }).nullish().catch(null),
})
const id = z.string().min(1).max(200)
export const network = z.looseObject({
  Id: id,
  Name: z.string(),
  Driver: text,
  Scope: text,
  Internal: z.boolean().nullish().catch(null),
  IPAM: z
    .looseObject({ Config: listOf(z.looseObject({ Subnet: text, Gateway: text })) })
    .nullish()
    .catch(null),
})
export const image = z.looseObject({ Id: id, RepoTags: listOf(z.string()), Size: amount })
const port = z.looseObject({
  PublicPort: amount,
  PrivatePort: amount,
  Type: text,
})
const attachment = z.looseObject({ NetworkID: text, IPAddress: text, GlobalIPv6Address: text })
export const container = z.looseObject({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Names: listOf(z.string()),
  Image: text,
  ImageID: text,
  State: text,
  Status: text,
  Labels: labels,
  Ports: listOf(port),
  Mounts: listOf(z.looseObject({ Type: text, Name: text })),
  NetworkSettings: z
    .looseObject({ Networks: z.record(z.string(), attachment.nullable()).nullish().catch(null) })
    .nullish()
    .catch(null),
})
export const event = z.looseObject({
  Type: z.string(),
  Action: z.string(),
  Actor: z.looseObject({
    ID: z.string(),
    Attributes: z.record(z.string(), z.string()).nullish().catch(null),
  }),
  timeNano: z.number().positive().max(8e21),
})

export type Info = z.infer<typeof info>
export type Network = z.infer<typeof network>
export type Image = z.infer<typeof image>
export type Container = z.infer<typeof container>
