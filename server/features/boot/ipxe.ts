/** What a boot environment says, and the parameters that its arguments may name. */
export interface BootSource {
  name: string
  spec: { kernel?: unknown; initrds?: unknown; arguments?: unknown }
  params: Record<string, unknown>
  /** Name of the machine; null: any. */
  machine: string | null
}

/** Everything that iPXE could take for a command, a setting or the end of a line is percent-encoded; so is white space. */
const encode = (text: string, safe: RegExp): string =>
  [...text.replace(/\p{Cs}/gu, '\ufffd')]
    .map((char) => (safe.test(char) ? char : encodeURIComponent(char).replace(/[!'()*]/g, hex)))
    .join('')
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`

const IN_ADDRESS = /^[A-Za-z0-9._~:/?=&%+,@-]$/
const IN_VALUE = /^[A-Za-z0-9._~:/=+,@-]$/
/** Of what its author typed: `${net0/mac}` and the like are theirs to use. */
const IN_ARGUMENT = /^[A-Za-z0-9._~:/?=&%+,@${}()[\]"'!*^-]$/
/** Words with which iPXE ends one command and begins the next, or a comment. */
const ENDS_COMMAND = /^(\|\||&&|;|#.*)$/

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(text).filter(Boolean) : [])

/** A parameter as one word of the kernel's command line. */
const word = (value: unknown): string => encode(text(value), IN_VALUE)

function argumentsOf(template: string, params: Record<string, unknown>): string[] {
  return template
    .split(/\s+/)
    .filter((part) => part !== '' && !ENDS_COMMAND.test(part))
    .map((part) =>
      part
        .split(/(\{\{[^{}]*\}\})/)
        .map((piece) => {
          const name = /^\{\{(.*)\}\}$/.exec(piece)?.[1]?.trim()
          if (name === undefined) return encode(piece, IN_ARGUMENT)
          return Object.hasOwn(params, name) ? word(params[name]) : ''
        })
        .join(''),
    )
}

/** Comments end with the line: what could end it is left out. */
const comment = (words: string): string => `# ${words.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}`

/** The iPXE script that boots it. Values of parameters are data: none of them adds a command, an argument or a setting. */
export function ipxeScript({ name, spec, params, machine }: BootSource): string {
  const words = argumentsOf(text(spec.arguments), params)
  return [
    '#!ipxe',
    comment(machine === null ? name : `${name} for ${machine}`),
    ['kernel', encode(text(spec.kernel), IN_ADDRESS), ...words].join(' '),
    ...list(spec.initrds).map((address) => `initrd ${encode(address, IN_ADDRESS)}`),
    'boot',
    '',
  ].join('\n')
}
