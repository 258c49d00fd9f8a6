/** Frames waiting in a connection beyond this are not added to: the reader is told to refresh once it has caught up. */
const QUEUE_BYTES = 16_384

export interface EventStream {
  response: Response
  /** Writes an event; false when the reader is too slow for it now. */
  send: (event: string, data?: unknown) => boolean
  /** Keeps proxies from closing a quiet connection. */
  beat: () => void
  close: () => void
}

/**
 * A text/event-stream response. Never buffers without bound: a reader that does not read gets nothing more, and `onDrain` is
 * called when it reads again.
 * @param on `drain`: there is room again; `gone`: the reader or the server ended it (once)
 */
export function eventStream(on: { drain: () => void; gone: () => void }): EventStream {
  const encoder = new TextEncoder()
  let to: ReadableStreamDefaultController<Uint8Array> | null = null
  let full = false
  const end = () => {
    if (!to) return false
    to = null
    on.gone()
    return true
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => void (to = controller),
      pull: () => {
        if (!full) return
        full = false
        on.drain()
      },
      cancel: () => void end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
  )
  const write = (frame: string): boolean => {
    if (!to) return false
    if ((to.desiredSize ?? 0) <= 0) {
      full = true
      return false
    }
    to.enqueue(encoder.encode(frame))
    return true
  }
  return {
    response: new Response(body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no', // nginx would hold events back
      },
    }),
    send: (event, data = {}) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    beat: () => void write(': still here\n\n'),
    close: () => {
      const controller = to
      if (end()) controller?.close()
    },
  }
}
