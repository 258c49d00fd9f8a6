/** Classes shared by text-like controls: input, textarea, select and the picker's trigger. */
export const controlClass =
  'w-full min-w-0 rounded-md border border-control bg-surface px-2.5 text-sm text-fg shadow-card transition-colors duration-100 hover:border-faint focus-visible:border-ring focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-ring disabled:cursor-not-allowed disabled:bg-subtle disabled:text-muted [&[readonly]]:bg-subtle aria-invalid:border-danger dark:bg-subtle'

/** The height of a one-line control: 32 px, 40 px for fingers. */
export const controlHeight = 'h-8 pointer-coarse:h-10'
