import fs from 'node:fs'
import http from 'node:http'
import { DEMO_MACHINES, type DemoMachine, factsOf, inventoryOf } from './demo-machine'

interface Enrolled {
  credential: string
  seq: number
}

/** Posts like curl does: by address, with the tenant's host name. Node does not resolve *.localhost. */
function post(
  port: number,
  host: string,
  path: string,
  token: string,
  body: object,
): Promise<{ status: number; text: string }> {
  const payload = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = {
      host: `${host}:${port}`,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
    }
    const req = http.request(
      { host: '127.0.0.1', port, path, method: 'POST', headers, timeout: 10_000 },
      (res) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text }))
      },
    )
    req.on('error', reject)
    req.end(payload)
  })
}

const hostOf = (machine: DemoMachine) =>
  machine.owner === 'default' ? 'localhost' : `${machine.owner}.localhost`
const word = (text: string, name: string) => new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]

/** Enrols the demo's machines that are not enrolled yet. @returns ids of the hosts by machine name */
export async function enrolFleet(
  port: number,
  stateFile: string,
  tokens: Record<string, string>,
): Promise<Record<string, string>> {
  const state = readState(stateFile)
  const ids: Record<string, string> = {}
  for (const machine of DEMO_MACHINES) {
    const token = tokens[machine.owner]
    if (state[machine.name] || !token) continue
    const answer = await post(port, hostOf(machine), '/api/agent/v1/enrol', token, factsOf(machine))
    const credential = word(answer.text, 'credential')
    const id = word(answer.text, 'host')
    if (answer.status !== 201 || !credential || !id)
      throw new Error(`${machine.name} could not enrol: ${answer.status} ${answer.text}`)
    state[machine.name] = { credential, seq: 0 }
    ids[machine.name] = id
  }
  writeState(stateFile, state)
  return ids
}

/** Lets the fleet report each `seconds` until the process ends. */
export function runFleet(port: number, stateFile: string, seconds: number): void {
  const state = readState(stateFile)
  const round = async () => {
    for (const machine of DEMO_MACHINES) {
      const enrolled = state[machine.name]
      if (!enrolled || (machine.isDown && enrolled.seq > 0)) continue
      enrolled.seq = Math.max(enrolled.seq + 1, Math.floor(Date.now() / 1000))
      const report = { ...factsOf(machine), seq: enrolled.seq }
      const answer = await post(
        port,
        hostOf(machine),
        '/api/agent/v1/report',
        enrolled.credential,
        report,
      ).catch(() => null)
      const next = answer?.status === 200 ? word(answer.text, 'credential') : undefined
      if (next) enrolled.credential = next
      // Its tenant was deleted: it goes, and says so.
      if (answer?.text === 'uninstall\n') {
        await post(port, hostOf(machine), '/api/agent/v1/goodbye', enrolled.credential, {}).catch(() => null)
        delete state[machine.name]
      }
      if (answer?.text.split('\n').includes('inventory'))
        await post(
          port,
          hostOf(machine),
          '/api/agent/v1/inventory',
          enrolled.credential,
          inventoryOf(machine, enrolled.seq),
        ).catch(() => null)
    }
    writeState(stateFile, state)
  }
  void round()
  setInterval(() => void round(), seconds * 1000).unref()
}

function readState(file: string): Record<string, Enrolled> {
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, Enrolled>) : {}
}

function writeState(file: string, state: Record<string, Enrolled>): void {
  fs.writeFileSync(file, JSON.stringify(state), { mode: 0o600 })
}
