/** The address of "See as tenant" with these choices. */
export function seeAsHref(href: string, choices: { kind?: string; role?: string; thing?: string }): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(choices)) if (value) params.set(name, value)
  const text = params.toString()
  return text ? `${href}?${text}` : href
}
