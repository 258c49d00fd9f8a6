import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agentEnrolSchema } from '../agents.schema'
import { agentRelease, renderInstallScript } from './render'

// There is no PowerShell where this is developed: what can be told from the text is, and the page and docs say that no more was tested.
const agent = agentRelease('ps1').script
const install = renderInstallScript('https://acme.example.com', 'ps1')

describe('the agent for Windows', () => {
  it('is of the version of the one for Linux, in plain ASCII with single line ends', () => {
    expect(agentRelease('ps1').version).toBe(agentRelease('sh').version)
    for (const text of [agent, install]) expect(text).toMatch(/^[\x20-\x7e\n]+$/)
  })

  it('lies on the machine as the server hands it out, byte for byte', () => {
    // A here-string ends at the first line that begins with its mark: none does in between.
    const [, inside = '', ...rest] = install.split(/^.*@'$\n|\n'@$/m)
    expect(rest).toHaveLength(1)
    expect(createHash('sha256').update(`${inside}\n`).digest('hex')).toBe(agentRelease('ps1').sha256)
  })

  it('takes an address of ours only', () => {
    expect(install).toContain(`$url = 'https://acme.example.com'\n`)
    expect(install).not.toContain('@@')
    for (const origin of [
      `https://a.example'; calc; '`,
      'https://$(calc).example',
      'https://a.example\ncalc',
    ])
      expect(() => renderInstallScript(origin, 'ps1')).toThrow(TypeError)
  })

  it('knows the words of the protocol that the one for Linux knows, and runs nothing of an answer', () => {
    for (const word of ['interval', 'credential', 'seq', 'parameters', 'agent', 'host', 'error'])
      expect(agent).toMatch(new RegExp(`Get-Word \\$[Aa]nswer '${word}'`))
    for (const line of ['uninstall', 'inventory']) expect(agent).toContain(`-ccontains '${line}'`)
    for (const call of ['enrol', 'report', 'inventory', 'goodbye'])
      expect(agent).toContain(`Send-Call '${call}'`)
    expect(agent).not.toMatch(/Invoke-Expression|\biex\b|ScriptBlock\]::Create|DownloadString/i)
  })

  it('sends fields of the schema only, and puts every file of its own on the list of what an uninstall removes', () => {
    const sent = [...agent.matchAll(/\$facts\.([a-z_]+) =/g)].map(([, name]) => name)
    const known = Object.keys((agentEnrolSchema as unknown as { shape: object }).shape)
    expect(sent.length).toBeGreaterThan(15)
    expect(sent.filter((name) => name !== 'seq' && !known.includes(name ?? ''))).toEqual([])
    const owned = /\$Own = @\(([^)]+)\)/.exec(agent)?.[1] ?? ''
    const written = [...agent.matchAll(/Set-State '([a-z-]+)'|Join-Path \$Dir '([a-z.\d-]+)'/g)].map(
      (m) => m[1] ?? m[2],
    )
    expect(written.length).toBeGreaterThan(15)
    for (const name of written) expect(owned).toContain(`'${name}'`)
  })

  it('has its brackets and quotes closed', () => {
    for (const text of [
      agent,
      readFileSync('server/features/agents/script/install.ps1', 'utf8').replace("@'\n@@AGENT@@\n'@", "''"),
    ]) {
      // Without comments and strings; what stands in "$( )" within a string is short here.
      const bare = text
        .replace(/'[^'\n]*'/g, "''")
        .replace(/"(?:[^"`\n]|`.)*"/g, '""')
        .replace(/#.*$/gm, '')
      const open: string[] = []
      const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
      for (const mark of bare) {
        if ('([{'.includes(mark)) open.push(mark)
        else if (mark in pairs) expect(open.pop()).toBe(pairs[mark])
      }
      expect(open).toEqual([])
      expect(bare.match(/["']/g)?.length).toBe(2 * (bare.match(/""|''/g)?.length ?? 0))
    }
  })
})
