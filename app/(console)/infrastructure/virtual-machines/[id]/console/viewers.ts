import '@xterm/xterm/css/xterm.css'
import type { ConsoleKind } from '@/server/features/machines/consoles.schema'

/** What shows a console in an element. */
export interface Viewer {
  paste: (text: string) => void
  focus: () => void
  close: () => void
  /** Of screens. */
  sendCtrlAltDel?: () => void
}

/** @param socket open, its next message is the console's first */
type Attach = (socket: WebSocket, place: HTMLElement) => Viewer

/** Loads what is needed for a kind of console, a page that has none never does. */
export const loadViewer = (kind: ConsoleKind): Promise<Attach> =>
  kind === 'screen' ? loadScreen() : loadTerminal()

async function loadScreen(): Promise<Attach> {
  const { default: Rfb } = await import('@novnc/novnc')
  return (socket, place) => {
    const rfb = new Rfb(place, socket)
    const typing = new AbortController()
    socket.addEventListener('close', () => typing.abort())
    rfb.scaleViewport = true
    rfb.background = 'transparent'
    rfb.focusOnClick = true
    place.querySelector('canvas')?.setAttribute('aria-label', 'Screen of the machine')
    rfb.focus()
    return {
      paste: (text) => void typeInto(rfb, text, typing.signal),
      focus: () => rfb.focus(),
      close: () => {
        typing.abort()
        rfb.disconnect()
        place.replaceChildren()
      },
      sendCtrlAltDel: () => rfb.sendCtrlAltDel(),
    }
  }
}

const ENTER = 0xff0d
const TAB = 0xff09
/** Keysyms of characters beyond Latin 1. */
const BEYOND = 0x0100_0000

const SHIFT = 0xffe1
/** Of a US keyboard: a screen turns a character into its key, and presses no Shift by itself. */
const SHIFTED = /[A-Z~!@#$%^&*()_+{}|:"<>?]/
/** Between keys: the keyboard of a machine holds some ten of them until its system reads them. */
const KEY_MS = 15

interface Keyboard {
  sendKey: (keysym: number, code: string | null, down?: boolean) => void
}

const keysymOf = (character: string): number => {
  const code = character.codePointAt(0) ?? 0
  if (character === '\n') return ENTER
  if (character === '\t') return TAB
  return code < 0x100 ? code : BEYOND + code
}

/** A text as keys: screens of machines without a driver for it know no clipboard. */
async function typeInto(keyboard: Keyboard, text: string, end: AbortSignal): Promise<void> {
  for (const character of text.replaceAll('\r\n', '\n')) {
    if (end.aborted) return
    const shifted = SHIFTED.test(character)
    if (shifted) keyboard.sendKey(SHIFT, 'ShiftLeft', true)
    keyboard.sendKey(keysymOf(character), null)
    if (shifted) keyboard.sendKey(SHIFT, 'ShiftLeft', false)
    await new Promise((resolve) => setTimeout(resolve, KEY_MS))
  }
}

/** First byte of what is sent to a terminal (server/features/machines/consoles.live.ts). */
const [TYPED, RESIZED] = [0, 1]

async function loadTerminal(): Promise<Attach> {
  const [{ Terminal }, { FitAddon }] = await Promise.all([import('@xterm/xterm'), import('@xterm/addon-fit')])
  return (socket, place) => {
    const terminal = new Terminal({
      cursorBlink: true,
      // By name: its cells are measured where no variable of CSS is known
      fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace',
      fontSize: 13,
      lineHeight: 1.2,
      scrollback: 5000,
    })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    const send = (kind: number, bytes: Uint8Array) => {
      if (socket.readyState !== WebSocket.OPEN) return
      const message = new Uint8Array(bytes.length + 1)
      message[0] = kind
      message.set(bytes, 1)
      socket.send(message)
    }
    const encoder = new TextEncoder()
    terminal.onData((text) => send(TYPED, encoder.encode(text)))
    terminal.onBinary((text) =>
      send(
        TYPED,
        Uint8Array.from(text, (one) => one.charCodeAt(0)),
      ),
    )
    terminal.onResize(({ cols, rows }) => {
      const size = new DataView(new ArrayBuffer(4))
      size.setUint16(0, cols)
      size.setUint16(2, rows)
      send(RESIZED, new Uint8Array(size.buffer))
    })
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => terminal.write(new Uint8Array(data))
    terminal.open(place)
    fit.fit()
    const watcher = new ResizeObserver(() => fit.fit())
    watcher.observe(place)
    terminal.focus()
    return {
      paste: (text) => terminal.paste(text),
      focus: () => terminal.focus(),
      close: () => {
        watcher.disconnect()
        terminal.dispose()
      },
    }
  }
}
