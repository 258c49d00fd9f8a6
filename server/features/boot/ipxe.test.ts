import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BootSource, ipxeScript } from '@/server/features/boot/ipxe'

const source = (more: Partial<BootSource> = {}): BootSource => ({
  name: 'Debian 12',
  machine: null,
  spec: {
    kernel: 'https://mirror.example/linux',
    initrds: ['https://mirror.example/initrd.gz'],
    arguments: 'auto=true url={{preseed}} mac=${net0/mac} console={{console}}',
  },
  params: { preseed: 'https://x.example/p.cfg', console: 'ttyS0,115200' },
  ...more,
})

describe('the iPXE script', () => {
  it('is kernel, initrds and boot, with parameters in their places', () => {
    expect(ipxeScript(source({ machine: 'node-1' })).split('\n')).toEqual([
      '#!ipxe',
      '# Debian 12 for node-1',
      'kernel https://mirror.example/linux auto=true url=https://x.example/p.cfg mac=${net0/mac} console=ttyS0,115200',
      'initrd https://mirror.example/initrd.gz',
      'boot',
      '',
    ])
  })

  it('A17 takes no command, argument or setting out of a value, a name or an address', () => {
    const evil = 'x\nshell && shell || shell ; ${net0/mac} init=/bin/sh # y'
    const script = ipxeScript(
      source({
        name: 'a\nshell',
        machine: 'b\r\nshell',
        params: { preseed: evil, console: evil },
        spec: {
          kernel: 'https://x.example/k ${a} && shell\nshell',
          initrds: ['https://x.example/i\nshell'],
          arguments: 'a={{preseed}} && shell || {{nothing}} # {{console}}',
        },
      }),
    )
    expect(script.trimEnd().split('\n')).toEqual([
      '#!ipxe',
      '# a?shell for b??shell',
      'kernel https://x.example/k%20%24%7Ba%7D%20&&%20shell%0Ashell ' +
        'a=x%0Ashell%20%26%26%20shell%20%7C%7C%20shell%20%3B%20%24%7Bnet0/mac%7D%20init=/bin/sh%20%23%20y shell  ' +
        'x%0Ashell%20%26%26%20shell%20%7C%7C%20shell%20%3B%20%24%7Bnet0/mac%7D%20init=/bin/sh%20%23%20y',
      'initrd https://x.example/i%0Ashell',
      'boot',
    ])
  })

  it('A17 has as many lines and words as its author wrote, whatever the values are', () => {
    const any = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(any, any, any, (preseed, console, name) => {
        const plain = ipxeScript(source()).split('\n')
        const lines = ipxeScript(source({ params: { preseed, console }, name })).split('\n')
        expect(lines).toHaveLength(plain.length)
        expect(lines[2]?.split(' ')).toHaveLength(plain[2]?.split(' ').length ?? 0)
        expect(lines[2]?.replace('${net0/mac}', '')).not.toMatch(/[${}|;#\\`]|[^\x20-\x7e]/)
        expect([lines[0], lines[3], lines[4]]).toEqual([plain[0], plain[3], plain[4]])
      }),
    )
  })
})
