import { cva, type VariantProps } from 'class-variance-authority'

/** Classes of a button; also for links that look like one. */
export const buttonVariants = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-on-accent shadow-glint hover:bg-accent-hover aria-disabled:hover:bg-accent',
        secondary:
          'border border-line-strong bg-surface text-fg shadow-card hover:border-control hover:bg-hover active:bg-active aria-disabled:hover:bg-surface [&_svg]:text-muted',
        ghost:
          'text-muted hover:bg-hover hover:text-fg active:bg-active aria-expanded:bg-hover aria-expanded:text-fg',
        danger: 'bg-danger text-white shadow-glint hover:bg-danger-hover aria-disabled:hover:bg-danger',
        'danger-outline':
          'border border-line-strong bg-surface text-danger-ink shadow-card hover:border-danger-line hover:bg-danger-soft aria-disabled:hover:bg-surface',
        link: 'rounded-sm text-accent-ink underline-offset-4 hover:underline',
      },
      size: {
        sm: 'h-7 px-2 text-xs pointer-coarse:h-9 [&_svg]:size-3.5',
        md: 'h-8 px-3 text-sm pointer-coarse:h-10',
        lg: 'h-10 px-4 text-base',
        icon: 'size-8 text-sm pointer-coarse:size-10',
        'icon-sm': 'size-7 text-sm pointer-coarse:size-9',
        inline: 'h-auto text-[length:inherit]',
      },
      block: { true: 'w-full', false: '' },
    },
    defaultVariants: { variant: 'secondary', size: 'md', block: false },
  },
)

export type ButtonVariants = VariantProps<typeof buttonVariants>
