export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger' | 'info'

/** Soft background, readable text and border of each tone. */
export const TONE_SOFT: Record<Tone, string> = {
  neutral: 'border-line-strong bg-subtle text-muted',
  accent: 'border-accent-line bg-accent-soft text-accent-ink',
  success: 'border-success-line bg-success-soft text-success-ink',
  warning: 'border-warning-line bg-warning-soft text-warning-ink',
  danger: 'border-danger-line bg-danger-soft text-danger-ink',
  info: 'border-info-line bg-info-soft text-info-ink',
}
