/** A tenant's subdomain label: 2 to 63 of a-z, 0-9 and '-', no '-' at either end, no '--' at places 3-4 (`xn--`). */
export const SLUG_PATTERN = /^(?!..--)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/

/** Names no tenant may take: they are ours, the operator's or a mail system's, or they look like an authority. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set(
  `
  default master admin administrator root system superadmin super-admin owner operator freehold portal console
  www www1 www2 web app apps api apis graphql trpc rest oauth oauth2 oidc saml scim sso auth login logout signin
  signup sign-in sign-out sign-up register account accounts password setup invite invitation session sessions
  tenant tenants org orgs organization organisation organizations organisations user users member members me self
  t static assets asset cdn img images media fonts files file upload uploads download downloads public private
  agent agents install installer enrol enroll health healthz status ready metrics monitor monitoring telemetry
  docs doc help support contact about legal terms privacy security abuse trust blog
  billing pay payment payments stripe invoice invoices pricing licence license licensing webhook webhooks
  mail email smtp imap pop pop3 mx mta autoconfig autodiscover postmaster hostmaster webmaster noreply no-reply
  mailer-daemon dns ns ns1 ns2 ns3 ns4 ftp sftp ssh vpn git ci wpad isatap
  acme-challenge well-known domainkey dmarc localhost localdomain local internal intranet test testing
  stage staging prod demo sandbox null undefined none
  everyone nobody anonymous
  `
    .trim()
    .split(/\s+/),
)

/** Whether the text is, exactly as it stands, a subdomain a tenant could have. */
export function isSlug(text: string): boolean {
  return SLUG_PATTERN.test(text) && !RESERVED_SLUGS.has(text)
}

type SlugCheck = { ok: true; slug: string } | { ok: false; reason: string }

/**
 * Checks a subdomain as a person typed it. ASCII letters are lower-cased; nothing else is changed, so a look-alike
 * (full-width or Cyrillic letters) is refused instead of quietly becoming another name (attack B13).
 */
export function checkSlug(text: string): SlugCheck {
  const refuse = (reason: string): SlugCheck => ({ ok: false, reason })
  if (text === '') return refuse('Enter a subdomain.')
  if (!/^[A-Za-z0-9-]*$/.test(text)) return refuse('Use only the letters a-z, digits and hyphens.')
  const slug = text.toLowerCase()
  if (slug.length < 2) return refuse('Use at least 2 characters.')
  if (slug.length > 63) return refuse('Use at most 63 characters.')
  if (slug.startsWith('-') || slug.endsWith('-')) return refuse('Do not start or end with a hyphen.')
  if (slug.slice(2, 4) === '--') return refuse('Do not use two hyphens as the third and fourth character.')
  if (RESERVED_SLUGS.has(slug)) return refuse(`"${slug}" is reserved. Choose another subdomain.`)
  return { ok: true, slug }
}

/** Letters that Unicode does not decompose into an ASCII letter and an accent. */
const TRANSLITERATED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  '&': ' and ',
}

/**
 * A subdomain made from a tenant's name ("Müller & Söhne" becomes "muller-and-sohne"), at most 40 characters.
 * Returns '' when the name holds too little ASCII to make one; whether it is still free is the caller's question.
 */
export function suggestSlug(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøłđðþı&]/g, (letter) => TRANSLITERATED[letter] ?? '')
    .replace(/[\p{M}'’]/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  if (words === '') return ''
  const slug = words.length === 1 || RESERVED_SLUGS.has(words) ? `${words}-1` : words
  return isSlug(slug) ? slug : ''
}
