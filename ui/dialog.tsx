'use client'
import { cn } from './cn'
import { Modal, type ModalProps } from './modal'

const SIZES = { sm: 'sm:w-[26rem]', md: 'sm:w-[34rem]', lg: 'sm:w-[46rem]' }

/** A dialog in the middle of the screen; on a phone a sheet from below. */
export function Dialog({ size = 'md', ...rest }: ModalProps & { size?: keyof typeof SIZES }) {
  return (
    <Modal
      {...rest}
      className={cn(
        'max-sm:inset-x-0 max-sm:top-auto max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:w-full max-sm:animate-sheet-up max-sm:rounded-t-xl sm:top-[12vh] sm:left-1/2 sm:max-h-[80vh] sm:max-w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:rounded-xl sm:open:animate-enter',
        SIZES[size],
      )}
    />
  )
}
