import { Link } from './link'
import type { ComponentProps, ReactNode } from 'react'
import { buttonVariants, type ButtonVariants } from './button-variants'
import { cn } from './cn'
import { Spinner } from './spinner'
import { Tooltip } from './tooltip'

type Extras = ButtonVariants & {
  /** An icon before the label. */
  icon?: ReactNode
  /** Why it cannot be used now: shown as a tooltip, announced, and the button stays focusable. */
  disabledReason?: string | false | null
}

export type ButtonProps = ComponentProps<'button'> & Extras & { loading?: boolean }

/** A button. `type` is "button" unless said otherwise. While loading or with a `disabledReason` it does nothing. */
export function Button(props: ButtonProps) {
  const { variant, size, block, icon, loading, disabledReason, className, children, type, onClick, ...rest } =
    props
  const blocked = Boolean(loading || disabledReason)
  const button = (
    <button
      {...rest}
      // Blocked: neither submits nor calls back, yet keeps focus so that the reason can be read.
      type={blocked ? 'button' : (type ?? 'button')}
      onClick={blocked ? undefined : onClick}
      aria-disabled={blocked || undefined}
      aria-busy={loading || undefined}
      className={cn(buttonVariants({ variant, size, block }), className)}
    >
      {loading ? <Spinner /> : icon}
      {children}
    </button>
  )
  return disabledReason ? <Tooltip content={disabledReason}>{button}</Tooltip> : button
}

export type ButtonLinkProps = ComponentProps<typeof Link> & Extras

/** A link that looks like a button. */
export function ButtonLink(props: ButtonLinkProps) {
  const { variant, size, block, icon, disabledReason, className, children, ...rest } = props
  if (disabledReason) {
    return (
      <Button
        variant={variant}
        size={size}
        block={block}
        icon={icon}
        disabledReason={disabledReason}
        className={className}
      >
        {children}
      </Button>
    )
  }
  return (
    <Link {...rest} className={cn(buttonVariants({ variant, size, block }), className)}>
      {icon}
      {children}
    </Link>
  )
}
