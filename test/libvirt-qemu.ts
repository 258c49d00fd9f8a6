import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ensureDebian } from '@/test/debian'
import { ensureLibvirt, type Libvirt, makeDirectory, PROGRAM, startIn } from '@/test/libvirt'

const QEMU_IMG = '/usr/bin/qemu-img'
const PROGRAMS = [
  '/usr/bin/qemu-system-x86_64',
  QEMU_IMG,
  '/usr/sbin/dnsmasq',
  '/usr/sbin/iptables',
  '/sbin/ip',
]
const PACKAGES = ['qemu-system-x86', 'qemu-utils', 'dnsmasq-base', 'iptables', 'iproute2']

/** @returns why QEMU under libvirt cannot be run here; empty where it can. @throws see ensureDebian */
export function whyNoQemu(): string {
  if (!ensureLibvirt()) return 'no libvirtd, or not root on Linux'
  const isHere = () => PROGRAMS.every((program) => fs.existsSync(program))
  return ensureDebian(isHere, PACKAGES) ? '' : 'no qemu-system-x86 from Debian'
}

export interface LibvirtQemu extends Libvirt {
  /** Of a pool `disks`, whose files are there. */
  pool: string
  /** Runs a program in the network and among the mounts of the daemon. @returns what it said */
  inside: (...command: string[]) => string
}

/** What a daemon keeps in the whole system, for itself alone: in its own mounts, and bridges in its own network. */
const SCRIPT = `
set -e
for dir in /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /etc/libvirt; do
  mkdir -p $dir; mount -t tmpfs tmpfs $dir
done
mkdir -p "$DIR/cgroup"
mount --rbind /sys/fs/cgroup "$DIR/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$DIR/cgroup" /sys/fs/cgroup
ip link set lo up
cat > /etc/libvirt/qemu.conf <<END
user = "root"
group = "root"
security_driver = "none"
remember_owner = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
END
exec "$@"`

/**
 * Code of a disk's first sector, in place of an operating system: it tells the chipset to report the power button (I/O port 0x602), waits
 * for it (0x600), and switches off (0x604). So it shuts down when it is asked to, and begins anew when it is reset.
 */
const BOOT_CODE = 'fb' + 'ba0206b80001ef' + 'ba0006' + 'f4edf6c40174f9' + 'ba0406b80020ef' + 'f4ebfd'

function makeDisks(pool: string): void {
  fs.mkdirSync(pool)
  const sector = Buffer.alloc(2 ** 20)
  Buffer.from(BOOT_CODE, 'hex').copy(sector)
  sector.writeUInt16BE(0x55aa, 510)
  fs.writeFileSync(path.join(pool, 'boot.raw'), sector)
  const image = (args: string) => {
    const { status, stderr } = spawnSync(QEMU_IMG, args.split(' '), { cwd: pool, encoding: 'utf8' })
    if (status !== 0) throw new Error(`qemu-img ${args}: ${stderr}`)
  }
  image('convert -f raw -O qcow2 boot.raw base.qcow2')
  image(`create -f qcow2 -b ${pool}/base.qcow2 -F qcow2 web.qcow2 8M`)
  // where ISO 9660 has its name
  const iso = Buffer.alloc(2 ** 20)
  iso.write('\x01CD001\x01', 32_768, 'latin1')
  fs.writeFileSync(path.join(pool, 'setup.iso'), iso)
}

/** Starts a daemon with its QEMU, network and storage drivers, a pool `disks` and a network `lab`. Without KVM: machines are emulated. */
export async function startQemu(): Promise<LibvirtQemu> {
  const dir = makeDirectory()
  const pool = path.join(dir, 'disks')
  makeDisks(pool)
  const script = path.join(dir, 'start.sh')
  fs.writeFileSync(script, SCRIPT)
  const command = [
    'unshare',
    '-m',
    '-n',
    '--propagation',
    'private',
    'env',
    `DIR=${dir}`,
    'sh',
    script,
    PROGRAM,
  ]
  const libvirt = await startIn(dir, { uri: 'qemu:///system', command, isApart: true })
  const inside = (...command: string[]) => {
    const pid = fs.readFileSync(path.join(dir, 'pid'), 'utf8').trim()
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', pid, '-m', '-n', ...command], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
    return stdout
  }
  const stop = async () => {
    // machines and DHCP servers outlive their daemon, and would outlive the test
    for (const name of lines(libvirt.virsh('list --name'))) libvirt.virsh(`destroy ${name}`)
    for (const name of lines(libvirt.virsh('net-list --name'))) libvirt.virsh(`net-destroy ${name}`)
    await libvirt.stop()
  }
  try {
    libvirt.virsh(`pool-define-as disks dir --target ${pool}`, 'pool-start disks')
    fs.writeFileSync(path.join(dir, 'network.xml'), NETWORK)
    libvirt.virsh(`net-define ${path.join(dir, 'network.xml')}`, 'net-start lab')
  } catch (error) {
    await stop()
    throw error
  }
  return { ...libvirt, pool, inside, stop }
}

const lines = (text: string) => text.split('\n').filter(Boolean)

const NETWORK = `<network>
  <name>lab</name>
  <bridge name='fhlab0'/>
  <ip address='10.77.0.1' prefix='24'><dhcp><range start='10.77.0.10' end='10.77.0.99'/></dhcp></ip>
  <ip family='ipv6' address='fd77::1' prefix='64'/>
</network>`
