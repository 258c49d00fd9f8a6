import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agentEnrolSchema } from '../agents.schema'
import { CREDENTIAL, FarSide, has, HOST_ID, Machine, pause, processes, TOKEN, until } from './agent-harness'
import { renderInstallScript } from './render'

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

/** Everything below a directory, with its mode. */
function modes(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir).map((name) => [name, (statSync(join(dir, name)).mode & 0o777).toString(8)]),
  )
}

describe('renderInstallScript', () => {
  it.each([
    'http://acme.localhost:3000',
    'https://acme.example.com',
    'http://localhost:3000/t/acme',
    'https://[::1]:8443',
  ])('takes %s', (origin) => {
    const script = renderInstallScript(origin)
    expect(script).toContain(`FREEHOLD_URL="${origin}"\n`)
    expect(script).not.toContain('@@')
  })

  it.each([
    'https://a.example/',
    'https://a.example"; id; "',
    'https://$(id).example',
    'https://a.example\nid',
    'https://a.example/t/acme\n',
    'https://a@b.example',
    'https://-a.example',
    'https://a..b',
    'https://a.example:0',
    'https://a.example/other',
    'ftp://a.example',
    'https://A.example',
    '',
    `https://${'a.'.repeat(200)}b`,
  ])('refuses %j', (origin) => {
    expect(() => renderInstallScript(origin)).toThrow(TypeError)
  })
})

describe.each([['dash'], ['bash'], ['busybox', 'sh']].map((argv) => ({ name: argv.join(' '), argv })))(
  'install under $name',
  ({ argv }) => {
    const missing = !has(argv[0] ?? '')

    it.skipIf(missing)('enrols, keeps its files to itself, and uninstalls without a trace', async () => {
      const on = machine(argv)
      const done = await on.install(`${far.origin}`)
      expect([done.code, done.err]).toEqual([0, ''])
      expect(done.out).toContain(`enrolled as host ${HOST_ID}`)
      const [call] = far.calls
      expect([call?.path, call?.secret, call?.type]).toEqual([
        '/api/agent/v1/enrol',
        TOKEN,
        'application/json',
      ])
      expect(agentEnrolSchema.safeParse(call?.body).success).toBe(true)
      expect(modes(on.dir)).toEqual({
        config: '600',
        credential: '600',
        'freehold-agent': '755',
        interval: '600',
        seq: '600',
      })
      expect(statSync(on.dir).mode & 0o777).toBe(0o700)
      await on.agent('report')
      const gone = await on.agent('uninstall')
      expect(gone.out).toContain('is gone')
      expect(far.to('/goodbye').map((bye) => bye.secret)).toEqual([CREDENTIAL])
      expect(existsSync(on.dir)).toBe(false)
    })

    it.skipIf(missing)('shows token and credential to no other process', async () => {
      const on = machine(argv)
      far.answer = () => pause(700).then(() => undefined)
      const seen = { curl: 0, leaks: [] as string[] }
      const secrets = [TOKEN, CREDENTIAL]
      let shell = 0
      const look = setInterval(() => {
        for (const { pid, argv: words, environ } of processes()) {
          if (words.includes('\0-K\0-')) seen.curl++
          if (secrets.some((secret) => words.includes(secret))) seen.leaks.push(words)
          // The shell that was given FREEHOLD_TOKEN, and its own forks before they start a command, keep what they were started with.
          if (secrets.some((secret) => environ.includes(secret)) && !(words === argv.join('\0') + '\0'))
            seen.leaks.push(`${pid} ${words}`)
          else if (environ.includes(TOKEN)) shell = pid
        }
      }, 20)
      await on.install(far.origin)
      await on.agent('report')
      clearInterval(look)
      expect(seen.curl).toBeGreaterThan(5)
      expect(shell).toBeGreaterThan(0) // the look does see environments
      expect(seen.leaks).toEqual([])
      expect(JSON.stringify(far.calls.map((call) => call.path))).not.toContain('Secret')
    })
  },
)

describe('a failed installation', () => {
  it('says why in the server’s words, and leaves nothing', async () => {
    const on = machine()
    const refused = await on.install(far.origin, 'fhe_wrong')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('This token is not known.')
    expect(readdirSync(on.root)).toEqual(['fakes'])
    for (const text of [
      '',
      'error x\n',
      'host 1\ninterval 3\n',
      `credential fha_${'a'.repeat(300)}\n`,
      'credential fha_"\n',
    ]) {
      far.answer = () => ({ status: 201, text })
      expect((await on.install(far.origin)).err).toContain('gave no credential')
    }
    far.answer = () => ({ status: 500, text: '<html>' })
    expect((await on.install(far.origin)).err).toContain('the server answered 500')
    expect((await on.install('http://acme.localhost:1')).err).toMatch(/connect/i)
    for (const token of ['a b', 'a"b', '$(id)', 'a\nb"']) {
      expect((await on.install(far.origin, token)).code).toBe(token === 'a\nb"' ? 1 : 1)
    }
    expect(readdirSync(on.root)).toEqual(['fakes'])
  })

  it('leaves an older enrolment at work; a good token replaces it, and the counter goes on', async () => {
    const on = machine()
    await on.install(far.origin)
    await on.agent('report')
    const before = modes(on.dir)
    expect((await on.install(far.origin, 'fhe_wrong')).code).toBe(1)
    expect(modes(on.dir)).toEqual(before)
    expect((await on.agent('report')).code).toBe(0)
    far.answer = (call) =>
      call.path.endsWith('/enrol') ? { status: 201, text: 'host 1-2\ncredential fha_again\n' } : undefined
    expect((await on.install(`${far.origin}/t/acme`)).code).toBe(0)
    await on.agent('report')
    const last = far.calls.at(-1)
    expect([last?.path, last?.secret, last?.body.seq]).toEqual([
      '/t/acme/api/agent/v1/report',
      'fha_again',
      3,
    ])
  })

  it('does nothing when the script arrives cut short', async () => {
    const on = machine()
    const script = renderInstallScript(far.origin)
    for (const part of [0.3, 0.6, 0.9, 0.99]) {
      await on.run([], script.slice(0, Math.floor(script.length * part)), { FREEHOLD_TOKEN: TOKEN })
    }
    expect(far.calls).toEqual([])
    expect(readdirSync(on.root)).toEqual(['fakes'])
  })

  it('refuses http to another machine, odd directories and settings, and asks for a token where none is', async () => {
    const on = machine()
    expect((await on.install('http://freehold.invalid')).err).toContain('FREEHOLD_INSECURE=1')
    expect((await on.install('http://localhost.evil.invalid')).err).toContain('FREEHOLD_INSECURE=1')
    expect((await on.install('http://freehold.invalid', TOKEN, { FREEHOLD_INSECURE: '1' })).err).toMatch(
      /resolve host/i,
    )
    expect((await on.install(far.origin, TOKEN, { FREEHOLD_SERVICE: 'evil' })).code).toBe(1)
    expect((await on.install(far.origin, TOKEN, { FREEHOLD_PINNED_KEY: 'x"\nurl = "y' })).code).toBe(1)
    expect((await on.install(far.origin, TOKEN, { FREEHOLD_DIR: `${on.root}/a b` })).code).toBe(1)
    expect(readdirSync(on.root)).toEqual(['fakes'])
    on.shell.unshift('setsid', '--wait') // no terminal to ask on
    expect((await on.install(far.origin, '')).err).toContain('Set FREEHOLD_TOKEN')
    expect(far.calls).toEqual([])
  })
})

describe('what starts it', () => {
  it('cron: two lines beside those of others, and gone again', async () => {
    const on = machine()
    const table = join(on.root, 'table')
    writeFileSync(table, '5 4 * * * other\n')
    on.fake(
      'crontab',
      `case $1 in -l) cat ${table};; -r) rm ${table};; -) cat >${table}.new; mv ${table}.new ${table};; esac`,
    )
    on.env.FREEHOLD_SERVICE = 'cron'
    expect((await on.install(far.origin)).err).toBe('')
    await on.install(far.origin)
    const lines = readFileSync(table, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toBe(`@reboot /bin/sh ${on.bin} start >/dev/null 2>&1 # freehold-agent`)
    await until('a report', () => far.to('/report').length > 0)
    const pid = on.lockPid()
    expect((await on.agent('start')).code).toBe(0)
    expect(on.lockPid()).toBe(pid)
    await on.agent('uninstall')
    expect(readFileSync(table, 'utf8')).toBe('5 4 * * * other\n')
    await until('its end', () => spawnSync('kill', ['-0', String(pid)]).status !== 0)
    expect(existsSync(on.dir)).toBe(false)
  })

  it('systemd: a unit that systemd finds good, and gone again by the server’s word', async () => {
    const on = machine()
    const units = join(on.root, 'units')
    mkdirSync(units)
    on.fake('systemctl', `echo "$@" >>${on.root}/systemctl`)
    Object.assign(on.env, { FREEHOLD_SERVICE: 'systemd', FREEHOLD_UNIT_DIR: units })
    expect((await on.install(far.origin)).err).toBe('')
    expect(readFileSync(join(on.root, 'systemctl'), 'utf8')).toContain('restart freehold-agent.service')
    const unit = join(units, 'freehold-agent.service')
    expect((statSync(unit).mode & 0o777).toString(8)).toBe('644')
    if (has('systemd-analyze')) {
      const verdict = spawnSync('systemd-analyze', ['verify', unit])
      expect(verdict.stderr.toString()).not.toContain('freehold-agent.service')
    }
    rmSync(join(on.root, 'systemctl'))
    far.answer = () => ({ status: 200, text: 'uninstall\n' })
    expect((await on.agent('run')).code).toBe(0)
    expect(readFileSync(join(on.root, 'systemctl'), 'utf8')).toBe('daemon-reload\n')
    expect([readdirSync(units), existsSync(on.dir)]).toEqual([[], false])
  })
})

it.skipIf(!has('openssl'))('speaks TLS with the given authority and key only', async () => {
  const on = machine()
  const file = (name: string) => join(on.root, name)
  execFileSync(
    'openssl',
    `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a -addext subjectAltName=DNS:acme.localhost -keyout ${file('key')} -out ${file('crt')}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  const pin = (input: string) =>
    execFileSync('sh', [
      '-c',
      `openssl x509 -in ${input} -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`,
    ])
      .toString()
      .trim()
  let calls = 0
  const server = createServer(
    { key: readFileSync(file('key')), cert: readFileSync(file('crt')) },
    (request, response) => {
      calls++
      request.resume().on('end', () => response.writeHead(201).end(`host 1\ncredential ${CREDENTIAL}\n`))
    },
  )
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const origin = `https://acme.localhost:${(server.address() as AddressInfo).port}`
  const right = { FREEHOLD_CACERT: file('crt'), FREEHOLD_PINNED_KEY: `sha256//${pin(file('crt'))}` }
  expect((await on.install(origin)).err).toMatch(/certificate/i)
  expect(
    (await on.install(origin, TOKEN, { ...right, FREEHOLD_PINNED_KEY: `sha256//${'A'.repeat(43)}=` })).err,
  ).toMatch(/key/i)
  expect(calls).toBe(0)
  expect((await on.install(origin, TOKEN, right)).code).toBe(0)
  rmSync(file('crt'))
  expect(await on.agent('report')).toMatchObject({ out: 'Reported.\n', err: '' })
  server.close()
})
