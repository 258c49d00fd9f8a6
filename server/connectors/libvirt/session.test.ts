import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorContext } from '../contract'
import { createTransport } from '../transport/transport'
import { LIBVIRT } from '.'
import { encodeMessage, type Message, Splitter, TYPE } from './wire'
import { watch } from './watch'
import { XdrWriter } from './xdr'

type Context = ConnectorContext<{ uri: 'test:///default' }, Record<string, never>>
/** What the server does with a call: bytes to send, or nothing. */
type Script = (call: Message, socket: net.Socket) => Buffer | void

const AUTH_LIST = 66
const empty = Buffer.alloc(0)
const reply = (call: Message, body: Buffer, status = 0) =>
  encodeMessage({ ...call, type: TYPE.reply, status, body })
const words = (...list: number[]) => list.reduce((xdr, word) => xdr.uint(word), new XdrWriter()).done()
const refusal = (number: number, text: string) =>
  new XdrWriter()
    .int(number)
    .int(0)
    .optional(text, (xdr, each) => xdr.string(each))
    .done()

describe('a session with a server that is not as it should be', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-libvirt-fake-'))
  const file = path.join(dir, 'sock')
  const sockets = new Set<net.Socket>()
  let script: Script
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    const splitter = new Splitter()
    socket.on('data', (chunk) => {
      for (const call of splitter.push(chunk)) {
        const answer = script(call, socket)
        if (answer) socket.write(answer)
      }
    })
  })
  beforeAll(() => new Promise<void>((resolve) => server.listen(file, resolve)))
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  })
  afterAll(() => {
    server.close()
    fs.rmSync(dir, { recursive: true, force: true })
  })

  const contextOf = (signal = AbortSignal.timeout(10_000)): Context => ({
    transport: createTransport({
      endpoint: { scheme: 'unix', path: file },
      egress: { networks: [], local: [file] },
      trust: {},
      signal,
    }),
    settings: { uri: 'test:///default' },
    secret: {},
    signal,
  })
  const testing = (answers: Script) => {
    script = answers
    return LIBVIRT.test(contextOf())
  }
  const text = (value: string) => new XdrWriter().string(value).done()
  const GOOD: Record<number, Buffer> = {
    [AUTH_LIST]: words(1, 0),
    1: empty,
    157: words(0, 9_000_000),
    3: text('QEMU'),
    59: text('kvm1'),
    4: words(0, 7_002_000),
    273: words(0, 0),
    283: words(0, 0),
    281: words(0, 0),
  }
  const good: Script = (call) =>
    GOOD[call.procedure] ? reply(call, GOOD[call.procedure]!) : reply(call, refusal(42, 'no such domain'), 1)
  /** As it should be, but for this procedure. */
  const but =
    (procedure: number, answers: Script): Script =>
    (call, socket) =>
      call.procedure === procedure ? answers(call, socket) : good(call, socket)
  /** Lets everybody in, then does as told. */
  const afterwards =
    (answers: Script): Script =>
    (call, socket) =>
      [AUTH_LIST, 1].includes(call.procedure) ? good(call, socket) : answers(call, socket)

  it('is one that is', async () => {
    expect(await testing(good)).toEqual({
      server: 'libvirt 9.0.0 (QEMU 7.2.0), kvm1',
      version: '9.0.0',
      findings: [],
    })
  })

  it.each<[string, Script, string]>([
    ['is a web server', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'wrong_server'],
    ['closes', (_, socket) => void socket.destroy(), 'unreachable'],
    [
      'closes in the middle of a message',
      (call, socket) => void socket.end(reply(call, words(1, 0)).subarray(0, 30)),
      'unreachable',
    ],
    ['announces 4 GB', () => Buffer.from([0xff, 0xff, 0xff, 0xff]), 'wrong_server'],
    ['announces 20 MB', () => words(20 * 2 ** 20), 'too_large'],
    ['names a list of 4 billion', but(273, (call) => reply(call, words(0xffffffff))), 'bad_answer'],
    ['says more than there is to say', but(1, (call) => reply(call, words(0))), 'bad_answer'],
    ['answers another call', but(1, (call) => reply({ ...call, serial: 99 }, empty)), 'bad_answer'],
    ['answers another procedure', but(1, (call) => reply({ ...call, procedure: 5 }, empty)), 'bad_answer'],
    ['calls in turn', but(1, (call) => encodeMessage({ ...call, body: empty })), 'bad_answer'],
    ['asks for SASL', (call) => reply(call, words(1, 1)), 'unauthenticated'],
    [
      'has a polkit that says no',
      (call) => (call.procedure === AUTH_LIST ? reply(call, words(1, 2)) : reply(call, refusal(45, 'no'), 1)),
      'unauthenticated',
    ],
    ['fails with half an error', (call) => reply(call, words(1), 1), 'bad_answer'],
    ['has a host name of 4 MB and more', but(59, (call) => reply(call, words(5 * 2 ** 20))), 'bad_answer'],
  ])('%s', async (_, answers, code) => {
    await expect(testing(answers)).rejects.toMatchObject({ code })
  })

  it('lets through who polkit lets through', async () => {
    const asked: number[] = []
    script = (call) => {
      asked.push(call.procedure)
      return call.procedure === AUTH_LIST ? reply(call, words(1, 2)) : reply(call, words(1))
    }
    await expect(LIBVIRT.test(contextOf())).rejects.toMatchObject({ code: 'bad_answer' })
    expect(asked).toEqual([66, 70, 1])
  })

  it.each([
    [3, 'unsupported'],
    [29, 'forbidden'],
    [88, 'forbidden'],
    [42, 'not_found'],
    [1, 'server_error'],
    [999, 'server_error'],
  ])('tells what error %i means, and not in its words', async (number, code) => {
    const error = await testing(afterwards((call) => reply(call, refusal(number, 'a secret'), 1))).catch(
      (caught: Error) => caught,
    )
    expect(error).toMatchObject({ code, message: expect.not.stringContaining('secret') as string })
  })

  it('waits no longer than it is told to', async () => {
    script = () => undefined
    await expect(LIBVIRT.test(contextOf(AbortSignal.timeout(200)))).rejects.toMatchObject({ code: 'timeout' })
  })

  it('notices that a stream of events is dead, though nothing says so', async () => {
    const event = (call: Message) =>
      encodeMessage({ ...call, procedure: 318, serial: 0, type: TYPE.event, body: words(1) })
    let isDead = false
    script = afterwards((call) => {
      if (isDead) return undefined
      if (call.procedure !== 157) return Buffer.concat([reply(call, words(1)), event(call)])
      isDead = true
      return reply(call, words(0, 1))
    })
    let changes = 0
    const started = Date.now()
    await expect(watch(contextOf(), () => changes++, 100)).rejects.toMatchObject({ code: 'unreachable' })
    expect(changes).toBe(3)
    expect(Date.now() - started).toBeLessThan(2000)
  })

  it('does not ask twice where the answer to an action is lost', async () => {
    const asked: number[] = []
    const domain = new XdrWriter().string('web').fixed(Buffer.alloc(16, 1)).int(-1).done()
    script = afterwards((call, socket) => {
      asked.push(call.procedure)
      if (call.procedure === 24) return reply(call, domain)
      if (call.procedure === 212) return reply(call, words(5, 0))
      return void socket.destroy()
    })
    const target = {
      kind: 'virtual_machine',
      externalId: 'domain/01010101-0101-0101-0101-010101010101',
    } as const
    const handle = await LIBVIRT.act!(contextOf(), { name: 'start', target })
    expect(asked).toEqual([24, 196])
    const late = JSON.stringify({ ...(JSON.parse(handle) as object), until: 0 })
    expect(await LIBVIRT.follow!(contextOf(), late)).toEqual({
      ok: false,
      message: 'The connection was lost before the server answered. The machine is stopped.',
    })
    expect(asked.filter((each) => each === 196)).toHaveLength(1)
  })

  it('has seen a reboot when the event of this very machine comes', async () => {
    const domain = (byte: number) => new XdrWriter().string('web').fixed(Buffer.alloc(16, byte)).int(3).done()
    const rebooted = (call: Message, byte: number) =>
      encodeMessage({
        ...call,
        procedure: 319,
        serial: 0,
        type: TYPE.event,
        body: Buffer.concat([words(7), domain(byte)]),
      })
    const target = {
      kind: 'virtual_machine',
      externalId: 'domain/01010101-0101-0101-0101-010101010101',
    } as const
    const doing = (then: Script) =>
      afterwards((call, socket) => {
        if (call.procedure === 24) return reply(call, domain(1))
        if (call.procedure === 212) return reply(call, words(1, 0))
        if (call.procedure === 316) return reply(call, words(7))
        return call.procedure === 27 ? then(call, socket) : good(call, socket)
      })
    script = doing((call, socket) => {
      setTimeout(() => socket.write(rebooted(call, 1)), 300)
      return Buffer.concat([reply(call, empty), rebooted(call, 2)])
    })
    const started = Date.now()
    const seen = await LIBVIRT.act!(contextOf(), { name: 'reboot', target })
    expect(Date.now() - started).toBeGreaterThan(250)
    expect(await LIBVIRT.follow!(contextOf(), seen)).toEqual({ ok: true, message: '' })
    script = doing((call, socket) => {
      setTimeout(() => socket.destroy(), 100)
      return Buffer.concat([reply(call, empty), rebooted(call, 2)])
    })
    const unseen = await LIBVIRT.act!(contextOf(), { name: 'reboot', target })
    expect(await LIBVIRT.follow!(contextOf(), unseen)).toEqual({
      ok: false,
      message: expect.stringMatching(/connection was lost.*not seen to reboot/) as string,
    })
  })
})
