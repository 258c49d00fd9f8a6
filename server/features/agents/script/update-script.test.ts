import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AGENT_LIMITS } from '@/lib/agent-report'
import { agentInventorySchema, agentReportSchema } from '../agents.schema'
import { FarSide, has, Machine, takesFakes, TOKEN, until } from './agent-harness'
import { agentRelease, renderAgentScript, renderInstallScript } from './render'

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

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Packages and services as the script prints them, without installing it. */
async function inventory(on: Machine) {
  const script = join(on.root, 'agent.sh')
  writeFileSync(script, renderAgentScript())
  const { code, out, err } = await on.run([script, 'inventory'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^[\x20-\x7e]+\n$/)
  const frame = { seq: 1, machine_id: 'a'.repeat(64), revision: '0'.repeat(16) }
  return { text: out, ...agentInventorySchema.parse({ ...frame, ...JSON.parse(out) }) }
}

/** A machine with these units of systemd. */
function withUnits(on: Machine, lines: string) {
  mkdirSync(join(on.root, 'run/systemd/system'), { recursive: true })
  writeFileSync(join(on.root, 'units'), lines)
  on.fake('systemctl', `case $1 in list-units) cat '${on.root}/units';; esac`)
  on.env.FREEHOLD_RUN = join(on.root, 'run')
}

describe.each(shells)('packages and services under $name', ({ argv }) => {
  const missing = !has(argv[0] ?? '') || !takesFakes(argv)

  it.skipIf(missing)('are listed, what is due and what failed first', async () => {
    const on = machine(argv)
    withUnits(
      on,
      'cron.service loaded active running Regular\n● nginx.service loaded failed failed A web server\n' +
        'gone.service not-found inactive dead gone\nonce.service loaded active exited x\nx@1.service loaded activating start x\n' +
        'a\\x2db;$(id).service loaded inactive dead <b>\n',
    )
    const { packages, services } = await inventory(on)
    expect(packages).toEqual({
      manager: 'dpkg',
      total: 3,
      updates: 1,
      list: [
        ['openssl', '3.0.1-1', '3.0.2-1'],
        ['bash', '5.2-1'],
        ['libc6', '2.36-9'],
      ],
    })
    expect(services).toEqual({
      manager: 'systemd',
      total: 5,
      failed: 1,
      list: [
        ['nginx', 'failed'],
        ['a\\x2db;$(id)', 'stopped'],
        ['cron', 'running'],
        ['once', 'active'],
        ['x@1', 'starting'],
      ],
    })
  })

  it.skipIf(missing)('stay below the limits with far too much of everything', async () => {
    const on = machine(argv)
    on.fake('apt-get', 'exit 100')
    on.fake(
      'dpkg-query',
      `case $* in *Architecture*) printf amd64; exit;; esac; awk 'BEGIN { for (i = 0; i < 3000; i++) printf "ii \\t%s%04d\\t1.%d\\n", i % 9 ? "p" : "\\303\\274\\"<b>=1+1", i, i }'`,
    )
    let units = ''
    for (let i = 0; i < 400; i++) units += `s${i}.service loaded active running x\n`
    withUnits(on, units + 'z.service loaded failed failed x\n')
    const { text, packages, services } = await inventory(on)
    expect(text.length).toBeLessThan(AGENT_LIMITS.bodyBytes - 1000)
    expect(packages?.total).toBe(3000)
    expect(packages?.updates).toBeUndefined() // apt could not say
    expect(packages?.list.length).toBeGreaterThan(900)
    expect([services?.total, services?.failed, services?.list.length]).toEqual([
      401,
      1,
      AGENT_LIMITS.services,
    ])
    expect(services?.list[0]).toEqual(['z', 'failed'])
  })

  it.skipIf(missing)('of OpenRC and runit, in the same words', async () => {
    const on = machine(argv)
    on.env.FREEHOLD_RUN = join(on.root, 'run')
    on.fake(
      'rc-status',
      `printf 'Runlevel: default\\n sshd      [  started 01:02:03 (0) ]\\n nginx  [  crashed  ]\\nDynamic Runlevel: manual\\n ntpd [  stopped  ]\\n'`,
    )
    expect((await inventory(on)).services).toMatchObject({
      manager: 'openrc',
      list: [
        ['nginx', 'failed'],
        ['ntpd', 'stopped'],
        ['sshd', 'running'],
      ],
    })
    rmSync(join(on.fakes, 'rc-status'))
    if (has('rc-status')) return
    for (const name of ['web', 'db', 'off'])
      mkdirSync(join(on.root, 'run/runit/service', name), { recursive: true })
    on.fake(
      'sv',
      `case $2 in */web) echo "run: $2: (pid 7) 3s";; */db) echo "down: $2: 1s, normally up, want up";; *) echo "down: $2: 9s";; esac`,
    )
    expect((await inventory(on)).services).toMatchObject({
      manager: 'runit',
      failed: 1,
      list: [
        ['db', 'failed'],
        ['off', 'stopped'],
        ['web', 'running'],
      ],
    })
  })
})

it('sends packages and services when the server asks for them, with the number and the revision of the report', async () => {
  const on = machine()
  await on.install(far.origin)
  await on.agent('report')
  expect(far.to('/inventory')).toEqual([])
  // What was installed just now is what the server hands out.
  expect(far.to('/report')[0]?.body.agent_sha256).toBe(agentRelease().sha256)
  expect(sumOf(readFileSync(on.bin, 'utf8'))).toBe(agentRelease().sha256)
  far.answer = (call) =>
    call.path.endsWith('/report') ? { status: 200, text: 'interval 1\ninventory\n' } : undefined
  expect((await on.agent('report')).err).toBe('')
  const [sent] = far.to('/inventory')
  const told = agentReportSchema.parse(far.to('/report').at(-1)?.body)
  expect(agentInventorySchema.parse(sent?.body)).toMatchObject({
    seq: 2,
    machine_id: told.machine_id,
    revision: told.inventory_revision,
    packages: { manager: 'dpkg' },
  })
})

describe('an update', () => {
  /** The script as the next version would be. */
  const next = agentRelease().script.replace(/^VERSION=.*$/m, 'VERSION=9.9.9')

  /** The server hands out this script, under this checksum. */
  function offer(script: string, sum = sumOf(script)) {
    far.script = script
    far.answer = (call) =>
      call.path.endsWith('/report') && call.body.agent_sha256 !== sum
        ? { status: 200, text: `interval 1\nagent 9.9.9 ${sum}\n` }
        : undefined
  }
  const installed = (on: Machine) => readFileSync(on.bin, 'utf8')

  it.each(shells.filter(({ argv }) => has(argv[0] ?? '')))(
    'takes its place after a report of its own, and the loop goes on with it, under $name',
    async ({ argv }) => {
      const on = machine(argv)
      on.env.FREEHOLD_SERVICE = 'loop'
      offer(next)
      await on.install(far.origin)
      const pid = on.lockPid()
      await until(
        'the new one',
        () => far.to('/report').filter(({ body }) => body.agent_version === '9.9.9').length > 2,
      )
      expect(installed(on)).toBe(next)
      expect(on.lockPid()).toBe(pid) // the same process, so that systemd and cron see none of it
      expect(existsSync(join(on.dir, 'agent.previous'))).toBe(false)
      expect(readFileSync(join(on.dir, 'agent.log'), 'utf8')).toContain('updated from version')
      await on.agent('uninstall')
      expect(existsSync(on.dir)).toBe(false)
    },
  )

  it.each([
    ['has another checksum than was named', next, sumOf(`${next}#`), false],
    ['is no script', 'if then\n', undefined, true],
    ['is an error page', '<html>502</html>\n', undefined, true],
    ['cannot report', next.replace('cmd_trial() {', 'cmd_trial() {\n  exit 1'), undefined, true],
  ])('that %s is not taken', async (_what, script, sum, refused) => {
    const on = machine()
    await on.install(far.origin)
    const before = installed(on)
    offer(script, sum)
    expect((await on.agent('report')).out).toBe('Reported.\n')
    expect(installed(on)).toBe(before)
    expect(existsSync(join(on.dir, 'update-refused'))).toBe(refused)
    expect(existsSync(`${on.bin}.next`)).toBe(false)
    // Not again with each report; what did not work here, not for a day.
    rmSync(join(on.dir, 'update-at'))
    far.script = ''
    expect((await on.agent('report')).err).toContain(refused ? '' : 'checksum')
    expect(installed(on)).toBe(before)
  })

  it('whose loop ends without a report is gone back from', async () => {
    const on = machine()
    on.env.FREEHOLD_SERVICE = 'loop'
    const before = agentRelease().script
    offer(
      next
        .replace('  take_lock || {', '  exit 9\n  take_lock || {')
        .replace('  find_sum\n  resume_update\n', '')
        .replace('cmd_run() {\n  need_config\n', 'cmd_run() {\n  need_config\n  find_sum\n  resume_update\n'),
    )
    await on.install(far.origin)
    await until('its end', () => existsSync(join(on.dir, 'update-starts')) && on.lockPid() === undefined)
    expect(installed(on)).not.toBe(before)
    const reports = far.to('/report').length
    await on.agent('start') // as systemd and cron do
    await until('a report', () => far.to('/report').length > reports + 1)
    expect(installed(on)).toBe(before)
    expect(readFileSync(join(on.dir, 'agent.log'), 'utf8')).toContain('back to the one before')
    await on.agent('uninstall')
  })

  it('is not for who said no, at the installation or in the config', async () => {
    const on = machine()
    await on.install(far.origin, TOKEN, { FREEHOLD_SELF_UPDATE: 'no' })
    offer(next)
    await on.agent('report')
    expect(far.to('/report')[0]?.body.self_update).toBe(false)
    expect((await on.agent('status')).out).toContain('updates itself: no')
    // Enrolled anew, it stays so; and over a connection that others could change it never does.
    await on.install(far.origin)
    await on.agent('report')
    expect(installed(on)).toBe(agentRelease().script)
    await on.install(far.origin, TOKEN, { FREEHOLD_SELF_UPDATE: 'yes', FREEHOLD_INSECURE: '1' })
    await on.agent('report')
    expect(far.to('/report').at(-1)?.body.self_update).toBe(false)
    expect(installed(on)).toBe(agentRelease().script)
  })

  it('is refused by --no-self-update too; the installer takes no other argument', async () => {
    const on = machine()
    const install = (argument: string) =>
      on.run(['-s', '--', argument], renderInstallScript(far.origin), { FREEHOLD_TOKEN: TOKEN })
    expect((await install('--other')).err).toContain('--no-self-update')
    expect(far.calls).toEqual([])
    await install('--no-self-update')
    expect(readFileSync(join(on.dir, 'config'), 'utf8')).toContain('self_update=no\n')
  })
})
