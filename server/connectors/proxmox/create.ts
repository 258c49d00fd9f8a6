import { z } from 'zod'
import { type Created, type Creation, ConnectorError } from '@/server/connectors/contract'
import { act, follow, placeOf } from '@/server/connectors/proxmox/actions'
import { ask, type Context, rowsOf } from '@/server/connectors/proxmox/client'

const MIB = 2 ** 20
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: MIB, G: 2 ** 30, T: 2 ** 40 }
/** `scsi0: local-lvm:vm-101-disk-0,size=32G`, `rootfs: …`, `mp0: …`; neither CD drives nor the firmware's variables. */
const DISK = /^(scsi|virtio|sata|ide|rootfs|mp)\d*$/
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/

const vmid = z.coerce.number().int().min(100).max(999_999_999)
const templateRow = z.object({ id: z.string(), template: z.literal(1) })

/** The id that the next guest gets: of the same sort as what it is made of. */
export async function newId(context: Context, { source }: Creation): Promise<string> {
  const read = vmid.safeParse(await ask(context, '/cluster/nextid'))
  if (!read.success) throw new ConnectorError('bad_answer', 'The server did not say which number is free')
  return `${source.split('/')[0] === 'lxc' ? 'lxc' : 'qemu'}/${read.data}`
}

function nameOf(id: string | null, prefix: string): string | undefined {
  if (id === null) return undefined
  const name = id.startsWith(prefix) ? id.split('/').at(-1) : undefined
  if (name !== undefined && NAME.test(name)) return name
  throw new ConnectorError('unsupported', 'It cannot be put there')
}

interface Disks {
  first: string
  total: number
  firstSize: number
}

/** Disks of a guest, as its configuration says. @throws ConnectorError where their sizes are not told */
async function disksOf(context: Context, place: string): Promise<Disks> {
  const read = z.record(z.string(), z.unknown()).safeParse(await ask(context, `${place}/config`))
  const config = read.success ? read.data : {}
  const disks = Object.entries(config).flatMap(([key, value]) => {
    if (!DISK.test(key) || typeof value !== 'string' || /(^|,)media=cdrom/.test(value)) return []
    const [, amount, unit = ''] = /(?:^|,)size=(\d{1,12})([KMGT]?)(?:,|$)/.exec(value) ?? []
    if (amount === undefined)
      throw new ConnectorError('bad_answer', 'The server does not tell how large the disks are')
    return [{ key, size: Number(amount) * (UNITS[unit] ?? 1) }]
  })
  const boot =
    /order=([\w;]+)/.exec(typeof config.boot === 'string' ? config.boot : '')?.[1]?.split(';') ?? []
  const first =
    boot.map((key) => disks.find((disk) => disk.key === key)).find(Boolean) ??
    disks.find(({ key }) => key === 'rootfs') ??
    disks[0]
  if (!first) throw new ConnectorError('unsupported', 'The template has no disk')
  return { first: first.key, firstSize: first.size, total: disks.reduce((sum, { size }) => sum + size, 0) }
}

/** Asks for a full clone of a template, on its node. @returns the task @throws ConnectorError */
export async function create(context: Context, creation: Creation, externalId: string): Promise<string> {
  const place = await placeOf(context, creation.source)
  const templates = rowsOf(templateRow, await ask(context, '/cluster/resources?type=vm', { large: true }))
  if (!templates.some(({ id }) => id === creation.source))
    throw new ConnectorError('unsupported', 'It is no template any more')
  const { total } = await disksOf(context, place)
  if (total > creation.disk)
    throw new ConnectorError(
      'unsupported',
      `The disks of the template are ${Math.ceil(total / 2 ** 30)} GiB large: ask for at least that`,
    )
  const isContainer = creation.source.startsWith('lxc/')
  const pool = nameOf(creation.place, 'pool/')
  const storage = nameOf(creation.datastore, 'storage/')
  const body = new URLSearchParams({
    newid: externalId.split('/')[1] ?? '',
    [isContainer ? 'hostname' : 'name']: creation.name,
    full: '1',
    ...(pool !== undefined && { pool }),
    ...(storage !== undefined && { storage }),
  })
  const upid = await ask(context, `${place}/clone`, { method: 'POST', body: body.toString() })
  if (typeof upid === 'string' && upid.startsWith('UPID:')) return upid
  throw new ConnectorError('bad_answer', 'The server did not say which task does it')
}

/** Waits for what an answer names, if it is a task. @throws ConnectorError when it failed */
async function ended(context: Context, answer: unknown): Promise<void> {
  if (typeof answer !== 'string' || !answer.startsWith('UPID:')) return
  const { ok, message } = await follow(context, answer)
  if (!ok) throw new ConnectorError('server_error', message || 'It failed without a word')
}

/** Gives the clone what was asked for. @throws ConnectorError */
async function fit(context: Context, creation: Creation, externalId: string): Promise<void> {
  const place = await placeOf(context, externalId)
  const sizes = {
    cores: String(creation.cores),
    memory: String(Math.floor(creation.memory / MIB)),
    ...(externalId.startsWith('qemu/') && { sockets: '1' }),
  }
  await ended(
    context,
    await ask(context, `${place}/config`, { method: 'PUT', body: new URLSearchParams(sizes).toString() }),
  )
  const disks = await disksOf(context, place)
  const size = Math.floor((disks.firstSize + creation.disk - disks.total) / MIB)
  if (size * MIB <= disks.firstSize) return
  const body = new URLSearchParams({ disk: disks.first, size: `${size}M` }).toString()
  await ended(context, await ask(context, `${place}/resize`, { method: 'PUT', body }))
}

const why = (error: unknown): string => {
  if (error instanceof ConnectorError) return error.message
  throw error
}

/** Takes away what was half made. @returns what is to be said of it */
async function undo(context: Context, externalId: string): Promise<string> {
  try {
    const target = { kind: 'virtual_machine', externalId } as const
    await ended(context, await act(context, { name: 'delete', target }))
    return 'What was made of it was removed.'
  } catch (error) {
    return `What was made of it is left in the cloud as ${externalId}: ${why(error)}.`
  }
}

/** Waits for the clone, fits it and starts it. One that does not start is there all the same. */
export async function finish(
  context: Context,
  creation: Creation,
  externalId: string,
  upid: string,
): Promise<Created> {
  const cloned = await follow(context, upid)
  if (!cloned.ok) return { ...cloned, status: 'unknown' }
  try {
    await fit(context, creation, externalId)
  } catch (error) {
    const cause = why(error)
    return { ok: false, message: `${cause}. ${await undo(context, externalId)}`, status: 'unknown' }
  }
  if (!creation.start) return { ok: true, message: '', status: 'stopped' }
  try {
    const target = { kind: 'virtual_machine', externalId } as const
    await ended(context, await act(context, { name: 'start', target }))
    return { ok: true, message: '', status: 'running' }
  } catch (error) {
    return { ok: true, message: `It was made, but does not start: ${why(error)}`, status: 'stopped' }
  }
}
