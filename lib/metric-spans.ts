/** How far back figures of usage are shown. */
export const METRIC_SPANS = ['hour', 'day', 'week'] as const
export type MetricSpan = (typeof METRIC_SPANS)[number]

/** In seconds: how long it is, and what a point stands for at least, so that it has at most 480 points. */
export const SPAN: Record<MetricSpan, { label: string; seconds: number; step: number }> = {
  hour: { label: 'Hour', seconds: 3600, step: 60 },
  day: { label: 'Day', seconds: 86_400, step: 180 },
  week: { label: 'Week', seconds: 604_800, step: 1800 },
}
