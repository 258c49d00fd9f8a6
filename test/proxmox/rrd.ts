/** Seconds that a row stands for, and how many rows, as Proxmox VE 9 has them. */
const ROWS: Readonly<Record<string, [step: number, count: number]>> = {
  hour: [60, 60],
  day: [60, 1440],
  week: [1800, 336],
}

interface Guest {
  type: 'qemu' | 'lxc'
  status: string
  cores: number
  /** MiB. */
  memory: number
  /** GiB. */
  size: number
}

/** A wave between 0 and 1 that has the same figure at the same time. */
const wave = (time: number, period: number) => (1 + Math.sin((2 * Math.PI * time) / period)) / 2

/** The history of a guest up to now: one that is off has no usage, and before the last tenth there is nothing but the time, as in the recording. */
export function rrdRows(guest: Guest, span: string, now = Date.now() / 1000): object[] {
  const [step, count] = ROWS[span] ?? [60, 60]
  const last = Math.floor(now / step) * step
  return Array.from({ length: count }, (_, n) => {
    const time = last - (count - 1 - n) * step
    if (n < count / 10) return { time }
    const has = { time, maxcpu: guest.cores, maxmem: guest.memory * 2 ** 20, maxdisk: guest.size * 2 ** 30 }
    if (guest.status !== 'running') return { ...has, disk: 0 }
    return {
      ...has,
      ...{ disk: 0, cpu: 0.1 + 0.5 * wave(time, 1700), mem: has.maxmem * (0.4 + 0.2 * wave(time, 5000)) },
      ...{ diskread: 2e5 * wave(time, 900), diskwrite: 9e5 * wave(time, 2300) },
      ...{ netin: 3e5 * wave(time, 1300), netout: 6e5 * wave(time, 3100) },
      ...{ memhost: 0, pressurecpusome: 0, pressurecpufull: 0, pressureiosome: 0, pressureiofull: 0 },
      ...{ pressurememorysome: 0, pressurememoryfull: 0 },
    }
  })
}
