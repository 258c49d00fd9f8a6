export type Side = 'top' | 'bottom' | 'left' | 'right'
export type Align = 'start' | 'center' | 'end'
export type Placement = { side?: Side; align?: Align; gap?: number }
export type Box = { x: number; y: number; width: number; height: number }
export type Size = { width: number; height: number }

const OPPOSITE: Record<Side, Side> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' }
const MARGIN = 8

function room(side: Side, anchor: Box, view: Size): number {
  if (side === 'top') return anchor.y
  if (side === 'left') return anchor.x
  return side === 'bottom' ? view.height - anchor.y - anchor.height : view.width - anchor.x - anchor.width
}

function along(align: Align, start: number, length: number, size: number): number {
  if (align === 'start') return start
  return align === 'end' ? start + length - size : start + (length - size) / 2
}

const clamp = (value: number, max: number) => Math.max(MARGIN, Math.min(value, max - MARGIN))

/**
 * Where a floating box goes beside its anchor, in CSS pixels of the viewport: on the side asked for, on the opposite
 * one when there is more room, and never outside the viewport.
 */
export function placeFloating(
  anchor: Box,
  box: Size,
  view: Size,
  placement: Placement = {},
): { x: number; y: number } {
  const { side = 'bottom', align = 'start', gap = 6 } = placement
  const vertical = side === 'top' || side === 'bottom'
  const need = (vertical ? box.height : box.width) + gap + MARGIN
  const flip =
    room(side, anchor, view) < need && room(OPPOSITE[side], anchor, view) > room(side, anchor, view)
  const at = flip ? OPPOSITE[side] : side
  const x = vertical
    ? along(align, anchor.x, anchor.width, box.width)
    : at === 'left'
      ? anchor.x - box.width - gap
      : anchor.x + anchor.width + gap
  const y = !vertical
    ? along(align, anchor.y, anchor.height, box.height)
    : at === 'top'
      ? anchor.y - box.height - gap
      : anchor.y + anchor.height + gap
  return { x: clamp(x, view.width - box.width), y: clamp(y, view.height - box.height) }
}
