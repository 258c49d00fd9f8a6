// An emulated cluster in a process of its own, for measurements: `tsx test/proxmox/serve.ts 100000`. Prints its port and the fingerprint of its
// certificate as a line of JSON, and ends with its standard input.
import { ProxmoxEmulator } from '@/test/proxmox/emulator'

const guests = Number(process.argv[2] ?? '0')
const pve = await new ProxmoxEmulator().start()
for (let i = 0; i < guests; i++)
  pve.add({
    vmid: 100 + i,
    name: `vm-${i}`,
    status: i % 3 ? 'running' : 'stopped',
    pool: `pool-${i % 50}`,
    type: i % 5 ? 'qemu' : 'lxc',
  })
console.log(JSON.stringify({ port: pve.port, fingerprint: pve.fingerprint }))
process.stdin.on('end', () => process.exit(0)).resume()
