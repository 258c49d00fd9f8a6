import type { ReactNode } from 'react'
import { Button, type ButtonProps } from './button'
import { Tooltip } from './tooltip'

type Props = Omit<ButtonProps, 'size' | 'children' | 'aria-label'> & {
  /** Its name: read out, and shown as a tooltip. */
  label: string
  icon: ReactNode
  size?: 'icon' | 'icon-sm'
  tooltip?: boolean
}

/** A square button with only an icon. */
export function IconButton({ label, size = 'icon', variant = 'ghost', tooltip = true, ...rest }: Props) {
  const button = <Button {...rest} variant={variant} size={size} aria-label={label} />
  if (!tooltip || rest.disabledReason) return button
  return (
    <Tooltip content={label} describe={false}>
      {button}
    </Tooltip>
  )
}
