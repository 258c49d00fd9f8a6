import { z } from 'zod'

/** What is read of the services' objects: all but ids may be missing, and unknown keys are let be. */
const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? '')
const amount = z.number().nonnegative().optional().catch(undefined)
const flag = z.boolean().nullish().catch(null)
const listOf = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .catch(null)
    .transform((value) => value ?? [])
const id = z.string().regex(/^[\w-]{1,64}$/)

const address = z.looseObject({ addr: z.string() })
export const server = z.looseObject({
  id,
  name: text,
  description: text,
  status: text,
  /** An empty text where it starts from a volume. */
  image: z
    .union([z.looseObject({ id }), z.literal('')])
    .nullish()
    .catch(null),
  flavor: z
    .looseObject({ original_name: text, vcpus: amount, ram: amount, disk: amount })
    .nullish()
    .catch(null),
  addresses: z.record(z.string(), listOf(address)).nullish().catch(null),
  key_name: text,
  tags: listOf(z.string()),
  'OS-EXT-AZ:availability_zone': text,
  'OS-EXT-STS:task_state': text,
  'OS-EXT-STS:vm_state': text,
  'OS-SRV-USG:launched_at': text,
  'os-extended-volumes:volumes_attached': listOf(z.looseObject({ id })),
  fault: z.looseObject({ message: text }).nullish().catch(null),
})
export const network = z.looseObject({
  id,
  name: text,
  description: text,
  status: text,
  project_id: text,
  'router:external': flag,
  shared: flag,
  'provider:network_type': text,
  'provider:segmentation_id': amount.nullable(),
})
export const subnet = z.looseObject({
  id,
  network_id: id,
  ip_version: amount,
  cidr: text,
  gateway_ip: text,
  enable_dhcp: flag,
  dns_nameservers: listOf(z.string()),
})
export const port = z.looseObject({ id, network_id: id, device_id: text })
export const image = z.looseObject({
  id,
  name: text,
  status: text,
  visibility: text,
  owner: text,
  disk_format: text,
  container_format: text,
  size: amount.nullable(),
  min_disk: amount,
  os_distro: text,
  os_version: text,
  os_type: text,
})
export const volume = z.looseObject({
  id,
  name: text,
  description: text,
  status: text,
  size: amount,
  volume_type: text,
  bootable: text,
})

export type Server = z.infer<typeof server>
export type Network = z.infer<typeof network>
export type Subnet = z.infer<typeof subnet>
export type Image = z.infer<typeof image>
export type Volume = z.infer<typeof volume>
