import { cn } from './cn'
import { hueOf, initialsOf } from './hue'

const SIZES = {
  xs: 'size-4 rounded-[3px] text-[9px]',
  sm: 'size-5 rounded-sm text-2xs',
  md: 'size-7 rounded-md text-xs',
  lg: 'size-10 rounded-lg text-lg',
}

type Props = {
  name: string
  /** An emoji; unset: the initial. */
  icon?: string | null
  /** What the colour follows: the tenant's id, so a new name keeps it. */
  seed?: string
  size?: keyof typeof SIZES
  className?: string
}

/** A tenant's square. Decorative: its name stands beside it. */
export function TenantMark({ name, icon, seed, size = 'md', className }: Props) {
  return (
    <span
      aria-hidden
      className={cn(
        'inline-grid shrink-0 place-items-center font-semibold before:content-[attr(data-mark)] shadow-[inset_0_0_0_1px_oklch(1_0_0/0.12)] select-none',
        SIZES[size],
        `hue-${hueOf(seed ?? name)}`,
        icon ? 'hue-tint' : 'hue-solid',
        className,
      )}
      // Drawn by CSS: a letter is not part of any name, and is not copied with it.
      data-mark={icon || initialsOf(name, 1)}
    />
  )
}

const AVATAR_SIZES = { sm: 'size-5 text-[9px]', md: 'size-7 text-2xs', lg: 'size-10 text-sm' }

/** A person's circle with initials. Decorative: the name stands beside it. */
export function Avatar({
  name,
  seed,
  size = 'md',
  className,
}: {
  name: string
  seed?: string
  size?: keyof typeof AVATAR_SIZES
  className?: string
}) {
  return (
    <span
      aria-hidden
      className={cn(
        'hue-tint inline-grid shrink-0 before:content-[attr(data-mark)] place-items-center rounded-full font-semibold select-none',
        AVATAR_SIZES[size],
        `hue-${hueOf(seed ?? name)}`,
        className,
      )}
      data-mark={initialsOf(name, size === 'sm' ? 1 : 2)}
    />
  )
}
