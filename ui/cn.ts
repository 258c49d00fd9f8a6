import { clsx, type ClassValue } from 'clsx'

/**
 * Joins class names. It does not resolve conflicts (tailwind-merge would add 8.5 kB to every page), so `className`
 * on a component is for layout only: margin, width, grid and flex placement.
 */
export function cn(...values: ClassValue[]): string {
  return clsx(values)
}
