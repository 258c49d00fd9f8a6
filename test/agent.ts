import { randomBytes, randomUUID } from 'node:crypto'
import { dispatch } from '@/server/http/dispatch'
import { enrolmentToken } from '@/test/factories'
import type { World } from '@/test/world'

/** What a machine says of itself, a new one each time. */
export const machineFacts = (more: Record<string, unknown> = {}) => ({
  agent_version: '1.0.0',
  machine_id: randomBytes(32).toString('hex'),
  boot_id: randomUUID(),
  hostname: 'web-7',
  os: { name: 'Debian GNU/Linux 12' },
  memory: { total: 1000, available: 400 },
  disks: [],
  addresses: [],
  ...more,
})

interface AgentAnswer {
  status: number
  lines: string[]
  text: string
}

/** The rest of the line that begins with this word. */
export const wordOf = (answer: AgentAnswer, name: string): string =>
  answer.lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''

let address = 0

/** Machines that speak to the agent routes of a world, each call from an address of its own unless said otherwise. */
export function agentsOf(world: World) {
  const post = async (
    path: string,
    secret: string | null,
    body: unknown,
    from?: string,
  ): Promise<AgentAnswer> => {
    const ip = from ?? `198.51.${++address >> 8}.${address & 255}`
    const request = new Request(`http://x/api/agent/v1/${path}`, {
      method: 'POST',
      headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const response = await dispatch(request, `/api/agent/v1/${path}`, { ...world.factsOf('nobody'), ip })
    const text = (await response?.text()) ?? ''
    return { status: response?.status ?? 0, lines: text.trimEnd().split('\n'), text }
  }
  const enrolled = async (more: Record<string, unknown> = {}, token = enrolmentToken('A', 1)) => {
    const said = machineFacts(more)
    const answer = await post('enrol', token, said)
    if (answer.status !== 201) throw new Error(answer.text)
    return { said, host: wordOf(answer, 'host'), credential: wordOf(answer, 'credential') }
  }
  return {
    post,
    enrolled,
    /** As if the last report were a minute ago. */
    quiet: (host: string) =>
      world.admin.query(
        `update resource_state set last_seen_at = now() - interval '1 minute' where resource_id = $1`,
        [host],
      ),
    stateOf: async (host: string) => {
      const read = 'select status, conflict_at, facts from resource_state where resource_id = $1'
      return (await world.admin.query(read, [host])).rows[0]
    },
    audited: async (event: string, host: string) => {
      const read = 'select tenant_id from audit_event where event = $1 and target_id = $2 order by 1'
      return (await world.admin.query<{ tenant_id: string }>(read, [event, host])).rows.map(
        (r) => r.tenant_id,
      )
    },
  }
}
