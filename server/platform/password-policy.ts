import { z } from 'zod'

const MIN_LENGTH = 12
const MAX_LENGTH = 200

/** Often tried ones of twelve characters and more, lower case, letters and digits only; shorter ones are refused anyway. */
const COMMON = new Set(
  `
  password1234 password12345 password123456 passwordpassword passw0rd1234 p4ssw0rd1234 mypassword123 yourpassword
  passwort1234 motdepasse123 contrasena123 administrator administrator1 adminadmin123 adminpassword admin1234567
  rootroot1234 rootpassword superadmin123 superuser1234 welcome12345 welcome123456 welcomewelcome letmeinletmein
  letmein12345 letmein123456 changeme1234 changemechangeme changeit1234 iloveyou1234 iloveyouiloveyou
  qwertyuiop12 qwertyuiop123 qwertyuiopas qwerty123456 qwertyqwerty qwertzuiop12 azertyuiop12 asdfghjkl123 asdfghjklqwe
  1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3 qazwsxedcrfv abcdefghijkl abcdefgh1234 abc123abc123
  123456789abc 1234567890ab 123qweasdzxc 123456qwerty secretsecret supersecret1 supersecret123 trustno1trustno1
  correcthorsebatterystaple monkeymonkey1 dragondragon1 footballfootball baseball1234 sunshine1234 princess1234
  freehold1234 freeholdfreehold freeholdadmin freehold12345 infrastructure datacenter123 homelab12345 proxmox12345
  `
    .trim()
    .split(/\s+/),
)

/** Digits or letters in a row, up or down: 123456789012, abcdefghijkl; 0 follows 9. */
function isSequence(text: string): boolean {
  const steps = [...text.slice(1)].map((char, i) => char.charCodeAt(0) - text.charCodeAt(i))
  return steps.every((step) => step === 1 || step === -9) || steps.every((step) => step === -1 || step === 9)
}

/** A new password's length; what it may not be is `passwordProblem`'s question. */
export const newPassword = z
  .string()
  .min(MIN_LENGTH, `Use at least ${MIN_LENGTH} characters.`)
  .max(MAX_LENGTH, `Use at most ${MAX_LENGTH} characters.`)

/**
 * Why this may not be the person's new password, in words for them; null: it may. No rules about kinds of characters:
 * length counts (NIST SP 800-63B).
 * @param min characters that the home tenant asks for
 */
export function passwordProblem(
  password: string,
  person: { username?: string; email?: string },
  min = MIN_LENGTH,
): string | null {
  const length = newPassword.safeParse(password)
  if (!length.success) return length.error.issues[0]?.message ?? 'Choose another password.'
  if (password.length < min) return `Use at least ${min} characters: your tenant asks for it.`
  const plain = password.normalize('NFKC').toLowerCase()
  const names = [person.username, person.email, person.email?.split('@')[0]].map((name) =>
    name?.toLowerCase(),
  )
  if (names.includes(plain)) return 'Use something other than your username or e-mail address.'
  const letters = plain.replace(/[^\p{L}\p{N}]/gu, '')
  if (COMMON.has(letters) || /^(.{1,4})\1+.?$/u.test(plain) || isSequence(plain)) {
    return 'This password is one of the first that attackers try. Choose another.'
  }
  return null
}
