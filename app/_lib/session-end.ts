'use client'

import { isSigningOut } from '@/app/_lib/sign-out'

let leave: (() => void) | null = null

/** Says where this page goes when its session ends; null: it loads anew, which leads to the sign-in page. */
export function whenSessionEnds(go: (() => void) | null): void {
  leave = go
}

/** The session of this page has ended, elsewhere or by its time. What the page ended itself is under way already. */
export function sessionEnded(): void {
  if (isSigningOut()) return
  if (leave) leave()
  else window.location.reload()
}
