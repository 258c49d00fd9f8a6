import { describe, expect, it } from 'vitest'
import { readEnv } from '@/server/platform/env'

describe('readEnv', () => {
  it('has a default for everything', () => {
    const env = readEnv({})
    expect(env).toMatchObject({
      NODE_ENV: 'development',
      PORT: 3000,
      PUBLIC_URL: 'http://localhost:3000',
      BASE_DOMAIN: 'localhost',
      TENANT_URLS: 'subdomain',
      TRUSTED_PROXIES: [],
      FREEHOLD_WORKER: true,
      LOG_LEVEL: 'info',
    })
    expect(env.DATABASE_URL).toBeUndefined()
    expect(env.MULTI_TENANT_ENABLED).toBeUndefined()
    expect(Object.isFrozen(env)).toBe(true)
  })

  it('takes the base domain from PUBLIC_URL and the direct address from DATABASE_URL', () => {
    const env = readEnv({
      PUBLIC_URL: 'https://Portal.Example.com/',
      DATABASE_URL: 'postgres://a:b@db:6432/x',
    })
    expect(env).toMatchObject({ PUBLIC_URL: 'https://portal.example.com', BASE_DOMAIN: 'portal.example.com' })
    expect(env.DIRECT_DATABASE_URL).toBe('postgres://a:b@db:6432/x')
    expect(readEnv({ DATABASE_URL: '  ', PORT: '' }).DATABASE_URL).toBeUndefined()
  })

  it.each([
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['NODE_ENV', 'prod-hunter2'],
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'postgres://root:hunter2@db'],
    ['DIRECT_DATABASE_URL', 'hunter2'],
    ['PUBLIC_URL', 'https://hunter2.example.com/portal'],
    ['TENANT_URLS', 'hunter2'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,hunter2'],
    ['MULTI_TENANT_ENABLED', 'hunter2'],
    ['FREEHOLD_WORKER', 'hunter2'],
    ['BACKGROUND_MOVE_ABOVE', '0'],
    ['POOL_TENANT_MAX', '0'],
    ['LOG_LEVEL', 'hunter2'],
  ])('refuses a wrong %s in one line that does not show it', (name, value) => {
    let message = ''
    try {
      readEnv({ [name]: value })
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toMatch(new RegExp(`^${name} must [^\n]+$`))
    expect(message).not.toContain('hunter2')
  })

  it('refuses settings that contradict each other', () => {
    expect(() => readEnv({ DIRECT_DATABASE_URL: 'postgres://a@db/x' })).toThrow(
      /DIRECT_DATABASE_URL needs DATABASE_URL/,
    )
    expect(() => readEnv({ PUBLIC_URL: 'http://10.0.0.5:3000' })).toThrow(/TENANT_URLS must be path/)
    expect(readEnv({ PUBLIC_URL: 'http://10.0.0.5:3000', TENANT_URLS: 'path' }).BASE_DOMAIN).toBe('10.0.0.5')
  })

  it('reads switches and lists', () => {
    const env = readEnv({
      MULTI_TENANT_ENABLED: 'FALSE',
      FREEHOLD_WORKER: '0',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1,fd00::/8',
    })
    expect(env.MULTI_TENANT_ENABLED).toBe(false)
    expect(env.FREEHOLD_WORKER).toBe(false)
    expect(env.TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '::1', 'fd00::/8'])
  })
})
