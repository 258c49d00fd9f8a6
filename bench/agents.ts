import { agentTokenOf, machineIdOf } from '@/prisma/seed/large'

/** A report as the real agent sends it, about 700 bytes. */
const reportOf = (n: number, seq: number) => ({
  seq,
  agent_version: '1.0.0',
  machine_id: machineIdOf(n),
  hostname: `host-${n}`,
  clock: Math.floor(Date.now() / 1000),
  os: { id: 'debian', version: '13', name: 'Debian GNU/Linux 13 (trixie)' },
  kernel: '6.12.48+deb13-amd64',
  arch: 'x86_64',
  cpu: { model: 'AMD EPYC 9354P 32-Core Processor', count: 8 },
  memory: { total: 33_655_738_368, available: 20_655_738_368 + seq },
  swap: { total: 0, free: 0 },
  disks: [{ mount: '/', fs: 'ext4', size: 107_374_182_400, used: 53_687_091_200 }],
  addresses: [{ interface: 'eth0', address: '10.0.0.1', family: 'ipv4' }],
  uptime_seconds: 864_000 + seq,
  load: [0.42, 0.4, 0.37],
})

const JSON_TYPE = { 'content-type': 'application/json' }

/** Each call is the next agent's report, in turn, so that none comes before its time; numbers go on over several runs. */
export function reports(hosts: readonly string[]) {
  let sent = 0
  const next = () => {
    const n = sent % hosts.length
    sent++
    return { n, body: JSON.stringify(reportOf(n, Math.ceil(sent / hosts.length))) }
  }
  return {
    toFreehold: () => {
      const { n, body } = next()
      const headers = { ...JSON_TYPE, authorization: `Bearer ${agentTokenOf(n)}` }
      return { path: '/api/agent/v1/report', headers, body }
    },
    toBare: () => {
      const { n, body } = next()
      return { path: `/${hosts[n]}`, headers: JSON_TYPE, body }
    },
  }
}
