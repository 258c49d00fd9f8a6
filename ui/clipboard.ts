/**
 * Copies text. `navigator.clipboard` exists only on https and localhost; self-hosted installs also run on plain http,
 * so it falls back to a hidden textarea, placed inside an open dialog because everything outside one is inert.
 */
export async function copyText(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.readOnly = true
    area.className = 'sr-only'
    ;(near.closest('dialog') ?? document.body).append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}
