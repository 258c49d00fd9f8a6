import { spawnSync } from 'node:child_process'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AGENT_LIMITS } from '@/lib/agent-report'
import { agentEnrolSchema, agentReportSchema } from '../agents.schema'
import { CREDENTIAL, FarSide, has, Machine, pause, takesFakes, until } from './agent-harness'
import { renderAgentScript, renderInstallScript } from './render'

// busybox: apt-get install busybox; where it is missing, its tests are skipped.
const shells = [['dash'], ['bash'], ['busybox', 'sh']].map((argv) => ({ name: argv.join(' '), argv }))

// Real shells, clocks and processes: on a busy machine the longest take a while.
vi.setConfig({ testTimeout: 60_000 })

const machines: Machine[] = []
const machine = (argv?: string[]) => {
  const made = new Machine(argv)
  machines.push(made)
  return made
}
let far: FarSide
beforeEach(async () => {
  far = await FarSide.start()
})
afterEach(async () => {
  for (const made of machines.splice(0)) made.remove()
  await far.stop()
})

/** The names in a value, nested, without the indexes of lists. */
function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keys(item, `${path}[]`)))]
  return Object.entries(value).flatMap(([key, item]) => keys(item, `${path}.${key}`))
}

/** Copies what the agent reads of /proc, so that a test can change it. */
function fakeProc(on: Machine, files: Record<string, string>): Record<string, string> {
  const proc = join(on.root, 'proc')
  const etc = join(on.root, 'etc')
  mkdirSync(proc)
  mkdirSync(etc)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(name.startsWith('etc/') ? on.root : proc, name), Buffer.from(text, 'latin1'))
  }
  for (const name of ['meminfo', 'uptime', 'loadavg', 'sys', 'mounts', 'cpuinfo']) {
    if (!(name in files)) symlinkSync(`/proc/${name === 'mounts' ? 'self/mounts' : name}`, join(proc, name))
  }
  return { FREEHOLD_PROC: proc, FREEHOLD_ETC: etc }
}

it.skipIf(!has('shellcheck'))('is clean in the eyes of shellcheck', () => {
  for (const script of [renderAgentScript(), renderInstallScript('https://acme.example.com')]) {
    const { stdout } = spawnSync('shellcheck', ['--shell=sh', '-'], { input: script })
    expect(stdout.toString()).toBe('')
  }
})

describe.each(shells)('facts under $name', ({ name, argv }) => {
  const missing = !has(argv[0] ?? '')

  it.skipIf(missing)('are of this machine, the same in each shell, and pass the schema', async () => {
    const facts = agentEnrolSchema.parse(JSON.parse(await machine(argv).facts()))
    expect(facts.hostname).toBe(spawnSync('hostname').stdout.toString().trim())
    expect(facts.kernel).toBe(spawnSync('uname', ['-r']).stdout.toString().trim())
    expect(facts.memory?.total).toBeGreaterThan(1e6)
    expect(facts.cpu?.count).toBeGreaterThan(0)
    expect(facts.uptime_seconds).toBeGreaterThan(0)
    expect(facts.load).toHaveLength(3)
    expect(facts.cpu?.ticks).toBeGreaterThan(facts.cpu?.busy ?? Infinity)
    expect(facts.network?.rx).toBeGreaterThanOrEqual(0)
    expect(Math.abs((facts.clock ?? 0) - Date.now() / 1000)).toBeLessThan(30)
    const raw = await machine(argv).facts()
    if (name !== 'dash')
      expect(keys(JSON.parse(raw))).toEqual(keys(JSON.parse(await machine(['dash']).facts())))
  })

  it.skipIf(missing || !takesFakes(argv))('stay valid JSON, and themselves, with hostile names', async () => {
    const on = machine(argv)
    const hostile = `a"b\\c $(touch ${on.root}/pwned) \`id\` <b> 'q' =1+1 \x1b[31m %s %n \\n\tx\ny\x01\x7fé😀`
    writeFileSync(
      join(on.root, 'hostname'),
      Buffer.concat([Buffer.from(hostile), Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xe2, 0x82])]),
    )
    on.fake('hostname', `cat '${on.root}/hostname'`)
    on.fake('uname', "printf '%s' 'x\";\\\\'")
    on.fake('systemd-detect-virt', "printf 'a\\tb\\nc'")
    const env = fakeProc(on, {
      stat: 'cpu  3000000000 1 2 4000000000 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 0 0\n',
      cpuinfo: 'processor\t: 0\nmodel name\t: Evil "CPU" \\ \xff: $(id)\t`x`\n',
      'etc/os-release': 'ID="x\\"y"\nPRETTY_NAME=\'quo"te\'\nVERSION_ID=1$(id)\n',
      'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    })
    mkdirSync(join(on.root, 'proc/net'))
    const device = (name: string, rx: number, tx: number) =>
      ` ${name}:${rx} 1 0 0 0 0 0 0 ${tx} 1 0 0 0 0 0 0\n`
    writeFileSync(
      join(on.root, 'proc/net/dev'),
      `Inter-| Receive\n face |bytes\n${device('eth0', 9e9, 20)}${device('wlan0', 1, 2)}` +
        ['lo', 'veth1', 'docker0', 'br-1f', 'vmbr0', 'tap1', 'eth0.7', 'bond0']
          .map((name) => device(name, 5, 5))
          .join(''),
    )
    const text = await on.facts(env)
    expect(text).toMatch(/^[\x20-\x7e]+\n$/)
    const facts = JSON.parse(text)
    expect(facts.hostname).toBe(hostile + '\ufffd'.repeat(7))
    expect(facts.kernel).toBe('x";\\\\')
    expect(facts.virtualization).toBe('a\tb\nc')
    expect(facts.cpu).toEqual({
      model: 'Evil "CPU" \\ \ufffd: $(id) `x`',
      count: 1,
      ticks: 7_000_000_029,
      busy: 3_000_000_024,
    })
    expect(facts.network).toEqual({ rx: 9_000_000_001, tx: 22 })
    expect(facts.os).toEqual({ id: 'x"y', version: '1$(id)', name: 'quo"te' })
    expect(agentEnrolSchema.parse(facts).hostname).not.toMatch(/[\p{Cc}]/u)
    expect(spawnSync('ls', [on.root]).stdout.toString()).not.toContain('pwned')
  })

  it.skipIf(missing || !takesFakes(argv))(
    'read odd mounts and stay below the limits with far too much of everything',
    async () => {
      const on = machine(argv)
      const long = 'ü'.repeat(400)
      on.fake('hostname', `printf '%s' '${long}'`)
      on.fake('df', 'echo head; echo "/dev/x 1000 400 600 40% $3"')
      on.fake(
        'ip',
        `i=0; while [ $i -lt 300 ]; do echo "2: ${long}$i    inet6 fd00::$i/64 scope global"; i=$((i+1)); done
      echo '1: lo    inet 127.0.0.1/8'; echo '3: e    inet 127.0.0.9/8'; echo '3: e    inet6 ::1/128'`,
      )
      const odd = join(on.root, 'a b\\c\n"é')
      mkdirSync(odd)
      const escape = (path: string) =>
        Buffer.from(path)
          .toString('latin1')
          .replace(/[\\ \n]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
      let mounts = `/dev/a ${escape(odd)} ext4 rw 0 0\n/dev/a ${escape(odd)}/bind/much/deeper ext4 rw 0 0\nproc /proc proc rw 0 0\nnas:/x /usr nfs rw 0 0\n`
      for (let i = 0; i < 100; i++) {
        mkdirSync(join(on.root, `m${i}`))
        mounts += `/dev/m${i} ${on.root}/m${i} xfs rw 0 0\n`
      }
      const text = await on.facts(fakeProc(on, { mounts }))
      expect(text.length).toBeLessThan(AGENT_LIMITS.bodyBytes)
      const facts = agentEnrolSchema.parse(JSON.parse(text))
      expect(facts.hostname).toBe('ü'.repeat(255))
      expect(JSON.parse(text).disks[0]).toEqual({ mount: odd, fs: 'ext4', size: 1_024_000, used: 409_600 })
      expect(facts.disks).toHaveLength(32)
      expect(facts.addresses.length).toBeGreaterThan(5)
      expect(facts.addresses.every((item) => item.address.startsWith('fd00::'))).toBe(true)
    },
  )
})

it('finds addresses without the ip command, and makes up and keeps a machine id where there is none', async () => {
  const on = machine()
  on.env.FREEHOLD_PROC = '/proc'
  on.env.FREEHOLD_ETC = join(on.root, 'nothing')
  await on.install(far.origin)
  const first = far.to('/enrol')[0]?.body
  expect(on.state('machine-id')).toMatch(/^[0-9a-f-]{32,36}$/)
  await on.agent('report')
  expect(far.to('/report')[0]?.body.machine_id).toBe(first?.machine_id)
  // A PATH without `ip`: the commands it needs, linked one by one, and none appended by the script.
  const script = renderAgentScript().replace(/^PATH=.*$/m, `PATH=${on.fakes}`)
  for (const tool of 'sh awk sed tr head cut od df date uname cat grep dirname id sha256sum wc'.split(' ')) {
    symlinkSync(
      spawnSync('sh', ['-c', `command -v ${tool}`])
        .stdout.toString()
        .trim(),
      join(on.fakes, tool),
    )
  }
  const { out } = await on.run(['-s', 'facts'], script)
  const facts = agentEnrolSchema.parse(JSON.parse(out))
  for (const { address } of facts.addresses) expect(address).not.toMatch(/^127\.|^::1$/)
})

describe('reports', () => {
  it('carry a growing number over restarts, and follow the server on 409', async () => {
    const on = machine()
    await on.install(far.origin)
    await on.agent('report')
    await on.agent('report')
    expect(far.to('/report').map((call) => agentReportSchema.parse(call.body).seq)).toEqual([1, 2])
    expect(
      far.to('/report').every((call) => call.secret === CREDENTIAL && call.type === 'application/json'),
    ).toBe(true)
    writeFileSync(join(on.dir, 'seq'), 'garbage\n')
    far.answer = (call) =>
      call.body.seq <= 41 ? { status: 409, text: 'seq 41\nerror replay Seen before.\n' } : undefined
    expect((await on.agent('report')).out).toBe('Reported.\n')
    expect(far.to('/report').map((call) => call.body.seq)).toEqual([1, 2, 1, 42])
    expect(on.state('seq')).toBe('42')
  })

  it('take a new credential and interval, and ignore every other word', async () => {
    const on = machine()
    await on.install(far.origin)
    const words = `exec touch ${on.root}/pwned\n$(touch ${on.root}/pwned)\ncredential fha_next\ninterval 7\r\nseq 900\nurl http://evil\ncredential fha_late\n`
    far.answer = () => ({ status: 200, text: words })
    await on.agent('report')
    expect([on.state('credential'), on.state('interval'), on.state('seq')]).toEqual(['fha_next', '7', '1'])
    far.answer = () => ({
      status: 200,
      text: 'credential bad"; value\ninterval -4\ninterval 99999999999999999999\nuninstall now\n',
    })
    await on.agent('report')
    expect(far.to('/report').at(-1)?.secret).toBe('fha_next')
    expect([on.state('credential'), on.state('interval'), on.state('seq')]).toEqual(['fha_next', '7', '2'])
    expect(spawnSync('ls', [on.root]).stdout.toString()).not.toContain('pwned')
  })

  it.each(shells.filter(({ argv }) => has(argv[0] ?? '')))(
    'write parameters to a file that only its user reads, as data, under $name',
    async ({ argv }) => {
      const on = machine(argv)
      await on.install(far.origin)
      const text = `a=1\nb=$(touch ${on.root}/pwned)\nuninstall\n`
      const word = (revision: string, base64: string) => ({
        status: 200,
        text: `interval 7\nparameters ${revision} ${base64}\n`,
      })
      far.answer = () => word('0123456789abcdef', Buffer.from(text).toString('base64'))
      await on.agent('report')
      expect(`${on.state('parameters')}\n`).toBe(text)
      expect(statSync(join(on.dir, 'parameters')).mode & 0o777).toBe(0o600)
      await on.agent('report')
      expect(far.to('/report').map(({ body }) => agentReportSchema.parse(body).parameters_revision)).toEqual([
        undefined,
        '0123456789abcdef',
      ])
      // What is malformed changes nothing.
      for (const [revision, base64] of [
        ['../../x', 'YQ=='],
        ['0123', 'YQ=='],
        ['fedcba9876543210', '****'],
      ] as const) {
        far.answer = () => word(revision, base64)
        await on.agent('report')
        expect(`${on.state('parameters')}\n`).toBe(text)
        expect(on.state('parameters-revision')).toBe('0123456789abcdef')
      }
      far.answer = () => word('fedcba9876543210', '')
      await on.agent('report')
      expect([on.state('parameters'), on.state('parameters-revision')]).toEqual(['', 'fedcba9876543210'])
      expect(spawnSync('ls', [on.root]).stdout.toString()).not.toContain('pwned')
    },
  )

  it('do not follow a redirect, nor do what a refusal, an error or an endless answer says', async () => {
    const on = machine()
    await on.install(far.origin)
    for (const status of [302, 400, 401, 403, 413, 500]) {
      far.answer = () => ({
        status,
        text: 'uninstall\ncredential fha_evil\nerror gone Gone \x1b[2J for good.\n',
        headers: { location: `${far.origin}/other` },
      })
      const { code, err } = await on.agent('report')
      expect(code).toBeGreaterThan(0)
      expect(err).toContain(`(${status}): Gone [2J for good.`)
    }
    far.answer = () => ({ status: 200, text: 'x\n'.repeat(5_000_000) + 'uninstall\n' })
    expect((await on.agent('report')).code).toBe(1)
    expect(on.state('credential')).toBe(CREDENTIAL)
    expect(far.calls.some((call) => call.path === '/other')).toBe(false)
  })
})

describe.each(shells)('the loop under $name', ({ argv }) => {
  const missing = !has(argv[0] ?? '')

  it.skipIf(missing)(
    'reports, is alone, is asked, stops at once, and removes itself on the word',
    async () => {
      const on = machine(argv)
      on.env.FREEHOLD_SERVICE = 'loop'
      far.answer = (call) =>
        call.path.endsWith('/enrol') ? undefined : { status: 200, text: 'interval 1\n' }
      expect((await on.install(far.origin)).code).toBe(0)
      await until('three reports', () => far.to('/report').length >= 3)
      const pid = on.lockPid()
      expect((await on.agent('run')).err).toContain('already running')
      expect((await on.agent('status')).out).toContain(`running: pid ${pid}`)
      far.answer = () => ({ status: 200, text: 'interval 600\n' })
      await until('the long interval', () => on.state('interval') === '600')
      const before = far.to('/report').length
      await pause(300)
      expect((await on.agent('report')).out).toContain('reports now')
      await until('the report asked for', () => far.to('/report').length > before)
      process.kill(pid ?? 0, 'SIGKILL')
      await until('death', () => spawnSync('kill', ['-0', String(pid)]).status !== 0)
      expect((await on.agent('status')).code).toBe(3)
      far.answer = () => ({ status: 200, text: 'uninstall\n' })
      expect((await on.agent('start')).code).toBeLessThan(2) // the dead one's lock is no obstacle
      await until('removal', () => spawnSync('ls', ['-A', on.dir]).status !== 0)
      const seqs = far.to('/report').map((call) => call.body.seq)
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
      expect(new Set(seqs).size).toBe(seqs.length)
    },
  )
})

it('comes back soon after a lost report, and later and later after refusals', async () => {
  const on = machine()
  await on.install(far.origin)
  far.answer = () => ({ status: 401, text: 'error unknown_credential No.\n' })
  const run = on.agent('run')
  await pause(5_000)
  const refused = far.to('/report').length // at 0, 2 and 6 s
  expect(refused).toBeGreaterThanOrEqual(2)
  expect(refused).toBeLessThanOrEqual(3)
  far.answer = () => undefined
  await until('a report taken', () => on.state('last').endsWith('200'))
  process.kill(on.lockPid() ?? 0, 'SIGTERM')
  expect((await run).code).toBe(0)
  expect(on.lockPid()).toBeUndefined()
})
