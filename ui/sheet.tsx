'use client'
import { cn } from './cn'
import { Modal, type ModalProps } from './modal'

const SIDES = {
  left: 'left-0 w-[min(18rem,86%)] animate-sheet-left border-r',
  right: 'right-0 left-auto w-[min(30rem,100%)] animate-sheet-right border-l',
}

/** A panel of full height at one side: a form beside the list it belongs to, the navigation on a phone. */
export function Sheet({ side = 'right', ...rest }: ModalProps & { side?: keyof typeof SIDES }) {
  return <Modal {...rest} className={cn('inset-y-0 h-dvh border-line', SIDES[side])} />
}
