'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { Offer } from '@/server/features/billing/billing.schema'

/** What is sold, asked of Stripe once the page is there: the page does not wait for Stripe. */
export function useOffers(): { offers: Offer[] | null; problem: string | null; again: () => void } {
  const [offers, setOffers] = useState<Offer[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let gone = false
    api()
      .billing.offers.query()
      .then((answer) => {
        if (!gone) setOffers(answer.offers)
      })
      .catch((error: unknown) => {
        if (!gone) setProblem(problemOf(error).message)
      })
    return () => {
      gone = true
    }
  }, [tries])
  return {
    offers,
    problem,
    again: () => {
      setProblem(null)
      setTries(tries + 1)
    },
  }
}
