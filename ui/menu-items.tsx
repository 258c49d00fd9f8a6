'use client'
import { Check } from 'lucide-react'
import { Link } from './link'
import type { KeyboardEvent, MouseEvent, PointerEvent, ReactNode } from 'react'
import { cn } from './cn'
import { useMenuClose } from './dropdown-menu'

const ITEM =
  'flex min-h-8 w-full items-center gap-2.5 rounded-md px-2 py-1 text-left outline-none focus:bg-hover pointer-coarse:min-h-10 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-muted'

const hover = (event: PointerEvent<HTMLElement>) => {
  if (event.pointerType === 'mouse' && document.activeElement !== event.currentTarget) {
    event.currentTarget.focus({ preventScroll: true })
  }
}

type ItemProps = {
  icon?: ReactNode
  /** A link instead of an action. */
  href?: string
  /** Loads the document anew, for downloads and other hosts. */
  external?: boolean
  onSelect?: () => void
  tone?: 'default' | 'danger'
  /** Why it cannot be chosen now; stands under the label. */
  disabledReason?: string | false | null
  description?: ReactNode
  shortcut?: ReactNode
  children: ReactNode
}

/** An action or link in a menu. */
export function MenuItem(props: ItemProps) {
  const {
    icon,
    href,
    external,
    onSelect,
    tone = 'default',
    disabledReason,
    description,
    shortcut,
    children,
  } = props
  const close = useMenuClose()
  const body = (
    <>
      {icon}
      <span className="grid min-w-0 flex-1">
        <span className="truncate">{children}</span>
        {(disabledReason || description) && (
          <span className="max-w-60 text-xs text-muted">{disabledReason || description}</span>
        )}
      </span>
      {shortcut && <span className="pl-4 text-xs text-faint">{shortcut}</span>}
    </>
  )
  const shared = {
    role: 'menuitem' as const,
    tabIndex: -1,
    onPointerMove: hover,
    className: cn(
      ITEM,
      tone === 'danger' && !disabledReason && 'text-danger-ink focus:bg-danger-soft [&>svg]:text-danger-ink',
      disabledReason && 'cursor-not-allowed text-faint',
    ),
  }
  const choose = () => {
    close()
    onSelect?.()
  }
  if (href && !disabledReason) {
    const link = {
      ...shared,
      href,
      onClick: (event: MouseEvent) => (event.metaKey || event.ctrlKey ? undefined : choose()),
      onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
        if (event.key === ' ') event.currentTarget.click()
      },
    }
    return external ? <a {...link}>{body}</a> : <Link {...link}>{body}</Link>
  }
  return (
    <button
      type="button"
      {...shared}
      aria-disabled={disabledReason ? true : undefined}
      onClick={disabledReason ? undefined : choose}
    >
      {body}
    </button>
  )
}

type CheckboxItemProps = {
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  /** One of several that exclude each other. */
  radio?: boolean
  icon?: ReactNode
  /** At the end: a count. */
  detail?: ReactNode
  disabled?: boolean
  children: ReactNode
}

/** A choice in a menu; the menu stays open. */
export function MenuCheckboxItem({
  checked,
  onCheckedChange,
  radio,
  icon,
  detail,
  disabled,
  children,
}: CheckboxItemProps) {
  return (
    <button
      type="button"
      role={radio ? 'menuitemradio' : 'menuitemcheckbox'}
      tabIndex={-1}
      aria-checked={checked}
      aria-disabled={disabled || undefined}
      onPointerMove={hover}
      onClick={disabled ? undefined : () => onCheckedChange(!checked)}
      className={cn(ITEM, disabled && 'cursor-not-allowed text-faint')}
    >
      {radio ? (
        icon
      ) : (
        <span
          aria-hidden
          className={cn(
            'grid size-4 shrink-0 place-items-center rounded-sm border',
            checked ? 'border-accent bg-accent' : 'border-control',
          )}
        >
          {checked && <Check strokeWidth={3} className="size-3 text-on-accent" />}
        </span>
      )}
      {!radio && icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {detail !== undefined && <span className="pl-3 text-xs text-muted tabular-nums">{detail}</span>}
      {radio && <Check aria-hidden className={cn('text-accent-ink!', !checked && 'invisible')} />}
    </button>
  )
}

/** A heading inside a menu. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-xs text-muted">{children}</div>
}

/** A line between groups of items. */
export function MenuSeparator() {
  return <div role="separator" className="-mx-1 my-1 h-px bg-line" />
}
