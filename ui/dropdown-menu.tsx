'use client'
import { createContext, use, useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { cn } from './cn'
import type { Placement } from './floating'
import { itemsOf, moveFocus, typeAhead } from './menu-keys'
import { popupClass, usePopup } from './use-popup'

const MenuContext = createContext<() => void>(() => undefined)

type Props = Pick<Placement, 'side' | 'align'> & {
  /** One button. It gets aria-haspopup, aria-expanded and aria-controls. */
  trigger: ReactNode
  /** Names the menu, when the trigger's text does not. */
  label?: string
  className?: string
  /** `MenuItem`, `MenuCheckboxItem`, `MenuLabel`, `MenuSeparator` of menu-items.tsx; mounted while open. */
  children: ReactNode
}

/** A menu of actions. */
export function DropdownMenu({
  trigger,
  label,
  side = 'bottom',
  align = 'start',
  className,
  children,
}: Props) {
  const { id, host, panel, open, setOpen, close, fromTrigger } = usePopup('menu', { side, align })
  const byKey = useRef(false)
  useEffect(() => {
    if (!open) return
    const first = panel.current && itemsOf(panel.current)[0]
    ;(byKey.current ? (first ?? panel.current) : panel.current)?.focus({ preventScroll: true })
  }, [open, panel])
  const onTriggerKey = (event: KeyboardEvent) => {
    if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || !fromTrigger(event.target)) return
    event.preventDefault()
    byKey.current = true
    setOpen(true)
  }
  const onMenuKey = (event: KeyboardEvent<HTMLDivElement>) => {
    event.stopPropagation()
    if (event.key === 'Escape') {
      // Not for a dialog around the menu.
      event.preventDefault()
      close()
    } else if (event.key === 'Tab') close()
    else if (moveFocus(event.currentTarget, event.key) || typeAhead(event.currentTarget, event))
      event.preventDefault()
  }
  return (
    <span
      ref={host}
      className="contents"
      onKeyDown={onTriggerKey}
      onClick={(event) => {
        if (!fromTrigger(event.target)) return
        // A click made by the keyboard has no detail.
        byKey.current = event.detail === 0
        setOpen(!open)
      }}
    >
      {trigger}
      {open && (
        <div
          ref={panel}
          id={id}
          role="menu"
          tabIndex={-1}
          popover="manual"
          aria-label={label}
          onKeyDown={onMenuKey}
          className={cn(
            popupClass,
            'max-h-[min(26rem,calc(100dvh-1rem))] min-w-44 overflow-y-auto overscroll-contain p-1',
            className,
          )}
        >
          <MenuContext value={close}>{children}</MenuContext>
        </div>
      )}
    </span>
  )
}

/** For an item's handler: closes the menu around it and puts focus back on its trigger. */
export function useMenuClose(): () => void {
  return use(MenuContext)
}
