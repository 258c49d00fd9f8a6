/** What a mail says, before it is laid out. Texts are plain: the layout escapes them. */
export interface MailContent {
  subject: string
  /** In whose name: the tenant's. */
  sender: string
  title: string
  lines: readonly string[]
  action?: { label: string; href: string }
  /** Small print under the button: for how long it works, what to do if it was not asked for. */
  notes?: readonly string[]
}
export interface MailBody {
  text: string
  html: string
}

const escape = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** One line of a subject or name: no breaks, which would begin another header (attack C05), and not endless. */
export const oneLine = (text: string, max = 200): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, max)

/** Both forms of a mail. Inline styles and tables: mail programs know little else. Light and dark by the reader's own choice. */
export function layOut({ sender, title, lines, action, notes = [] }: MailContent): MailBody {
  const text = [
    title,
    '',
    ...lines.flatMap((line) => [line, '']),
    ...(action ? [`${action.label}:`, action.href, ''] : []),
    ...notes,
    '',
    `-- ${sender}`,
  ].join('\n')
  const paragraph = (line: string, style: string) => `<p style="margin:0 0 14px;${style}">${escape(line)}</p>`
  const button =
    action &&
    `<p style="margin:22px 0"><a href="${escape(action.href)}" style="display:inline-block;background:#1f5eff;color:#ffffff;text-decoration:none;font-weight:600;padding:11px 18px;border-radius:8px">${escape(action.label)}</a></p>
<p style="margin:0 0 14px;font-size:13px;color:#667085">Or open this address:<br><span style="word-break:break-all">${escape(action.href)}</span></p>`
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escape(title)}</title></head>
<body style="margin:0;padding:28px 16px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;border:1px solid #d0d5dd;border-radius:12px"><tr><td style="padding:28px">
<p style="margin:0 0 20px;font-weight:600">${escape(sender)}</p>
<h1 style="margin:0 0 14px;font-size:20px;line-height:1.3">${escape(title)}</h1>
${lines.map((line) => paragraph(line, '')).join('\n')}
${button ?? ''}
${notes.map((line) => paragraph(line, 'font-size:13px;color:#667085')).join('\n')}
</td></tr></table></td></tr></table>
</body></html>`
  return { text, html }
}
