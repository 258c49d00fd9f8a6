import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { api, clientPrefix, problemOf } from '@/app/_lib/api-client'
import { loadViewer, type Viewer } from '@/app/(console)/infrastructure/virtual-machines/[id]/console/viewers'
import type { ConsoleKind } from '@/server/features/machines/consoles.schema'

type State = { is: 'opening' } | { is: 'open' } | { is: 'ended'; why: string }

const socketUrl = () => new URL(`${clientPrefix()}/api/console`, location.href).href.replace(/^http/, 'ws')

/** Opens the console of a machine in an element; again when it is asked to. One at a time, and none when the page is left. */
export function useConsole(machineId: string, kind: ConsoleKind, place: RefObject<HTMLElement | null>) {
  const [state, setState] = useState<State>({ is: 'opening' })
  const [viewer, setViewer] = useState<Viewer | null>(null)
  const [round, setRound] = useState(0)
  const ending = useRef<() => void>(() => undefined)
  useEffect(() => {
    const target = place.current
    if (!target) return
    const run = {
      over: false,
      socket: undefined as WebSocket | undefined,
      viewer: undefined as Viewer | undefined,
    }
    const over = (why: string) => {
      if (run.over) return
      run.over = true
      run.socket?.close()
      setViewer(null)
      setState({ is: 'ended', why })
    }
    ending.current = () => over('You closed it.')
    const start = async () => {
      const attach = await loadViewer(kind)
      if (run.over) return
      const { ticket } = await api().consoles.open.mutate({ id: machineId })
      if (run.over) return
      const socket = (run.socket = new WebSocket(socketUrl()))
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => socket.send(ticket)
      // Beside those that a viewer sets for itself
      socket.addEventListener('close', ({ reason }) =>
        over(reason ? `${reason}.` : 'The connection was lost.'),
      )
      // What comes after it is the viewer's: it has to listen before the next message
      socket.onmessage = () => {
        socket.onmessage = null
        run.viewer = attach(socket, target)
        setViewer(run.viewer)
        setState({ is: 'open' })
      }
    }
    start().catch((caught: unknown) => over(problemOf(caught).message))
    return () => {
      run.over = true
      run.socket?.close()
      // Until then what was shown last stays there to be read
      run.viewer?.close()
    }
  }, [machineId, kind, place, round])
  const connect = useCallback(() => {
    setState({ is: 'opening' })
    setRound((now) => now + 1)
  }, [])
  const end = useCallback(() => ending.current(), [])
  return { state, viewer, connect, end }
}
