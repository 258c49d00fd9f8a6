'use client'
import { Monitor, Moon, Sun } from 'lucide-react'
import { useTheme } from 'next-themes'
import { useSyncExternalStore } from 'react'
import { IconButton } from './icon-button'

const THEMES = [
  { id: 'system', label: 'System', Icon: Monitor },
  { id: 'light', label: 'Light', Icon: Sun },
  { id: 'dark', label: 'Dark', Icon: Moon },
] as const

/** The choice is known only in the browser; until then it reads as "system". */
function useChoice() {
  const { theme, setTheme } = useTheme()
  const inBrowser = useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
  return { theme: (inBrowser && theme) || 'system', setTheme }
}

/** A button that goes round system, light and dark. */
export function ThemeToggle() {
  const { theme, setTheme } = useChoice()
  const at = Math.max(
    0,
    THEMES.findIndex((entry) => entry.id === theme),
  )
  const { label, Icon } = THEMES[at]!
  return (
    <IconButton
      label={`Theme: ${label.toLowerCase()}`}
      icon={<Icon aria-hidden />}
      onClick={() => setTheme(THEMES[(at + 1) % THEMES.length]!.id)}
    />
  )
}
