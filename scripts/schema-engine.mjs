#!/usr/bin/env node
// Stands in for Prisma's native schema engine, which Prisma's CLI would download before any command. It speaks the same
// JSON-RPC over stdin and stdout, with the engine's WebAssembly build over our own PostgreSQL driver.
// prisma.config.ts points PRISMA_SCHEMA_ENGINE_BINARY here.
import fs from 'node:fs'
import readline from 'node:readline'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import pg from 'pg'
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

const ENGINE = '@prisma/schema-engine-wasm/schema_engine_bg'
const CHAR_OID = 18
const BPCHAR_OID = 1042
const engineFile = createRequire(import.meta.url).resolve(ENGINE)
const args = process.argv.slice(2)

const options = (name) => args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : []))
const write = (message) => process.stdout.write(JSON.stringify(message) + '\n')

function logError(message, errorCode) {
  const fields = { message, error_code: errorCode }
  const entry = {
    timestamp: new Date().toISOString(),
    level: 'ERROR',
    fields,
    target: 'schema_engine::logger',
  }
  process.stderr.write(JSON.stringify(entry) + '\n')
}

function version() {
  const manifest = fs.readFileSync(engineFile.replace(/[^/\\]+$/, 'package.json'), 'utf8')
  return JSON.parse(manifest).version
}

/** Separate fields instead of a connection string: to pg that would win over `database`, and a shadow database would be the real one. */
function connection() {
  const given = JSON.parse(options('--datasource')[0] ?? '{}').url
  const url = new URL(given ?? 'postgresql://nobody@127.0.0.1:1/none')
  const mode = url.searchParams.get('sslmode')
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password) || undefined,
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl:
      mode && !['disable', 'allow', 'prefer'].includes(mode)
        ? { rejectUnauthorized: mode !== 'require' }
        : undefined,
  }
}

/** `schema-engine cli can-connect-to-database | create-database`: the answer is the exit code and a line on stderr. */
async function runCli(command) {
  const target = connection()
  const creating = command === 'create-database'
  const client = new pg.Client(creating ? { ...target, database: 'postgres' } : target)
  try {
    if (!creating && command !== 'can-connect-to-database') throw new Error(`unsupported command: ${command}`)
    await client.connect()
    if (creating) await client.query(`create database ${client.escapeIdentifier(target.database)}`)
    await client.end()
    return 0
  } catch (error) {
    const missing = error.code === '3D000'
    const code = missing ? 'P1003' : error.code === '28P01' ? 'P1000' : 'P1001'
    process.stderr.write('\n')
    logError(
      missing ? `Database \`${target.database}\` does not exist` : error.message || String(error.code),
      code,
    )
    return 1
  }
}

/** Columns of type "char" by result: the adapter has no mapping for it, and the engine panics. */
const charColumns = new WeakMap()

function noteCharColumns(result) {
  const found = (result?.fields ?? []).flatMap((field, index) =>
    field.dataTypeID === CHAR_OID ? [index] : [],
  )
  if (!result?.rows || found.length === 0) return result
  for (const index of found) result.fields[index].dataTypeID = BPCHAR_OID
  charColumns.set(result.rows, found)
  return result
}

function watchResults(Class) {
  const query = Class.prototype.query
  Class.prototype.query = function (...parameters) {
    const answer = query.apply(this, parameters)
    return typeof answer?.then === 'function' ? answer.then(noteCharColumns) : answer
  }
}

/** The adapter with what the engine needs beyond it. */
class EngineAdapter extends PrismaPg {
  async connect() {
    return complete(await super.connect())
  }

  async connectToShadowDb() {
    const admin = await super.connect()
    const database = `prisma_migrate_shadow_db_${randomUUID()}`
    await admin.client.query(`create database "${database}"`)
    const shadow = complete(await new PrismaPg({ ...connection(), database }).connect())
    const dispose = shadow.dispose.bind(shadow)
    shadow.dispose = async () => {
      await dispose()
      await admin.client.query(`drop database if exists "${database}" with (force)`)
      await admin.dispose()
    }
    return shadow
  }
}

function complete(adapter) {
  // The class that runs queries, also inside transactions, is two prototypes up.
  const queryable = Object.getPrototypeOf(Object.getPrototypeOf(adapter))
  if (!Object.hasOwn(queryable, 'readsChar')) {
    const queryRaw = queryable.queryRaw
    queryable.readsChar = true
    queryable.queryRaw = async function (query) {
      const result = await queryRaw.call(this, query)
      for (const index of charColumns.get(result.rows) ?? [])
        result.columnTypes[index] = ColumnTypeEnum.Character
      return result
    }
  }
  // The adapter's own splits at each semicolon, also within function bodies.
  adapter.executeScript = async (script) => {
    if (!script.trim()) return
    try {
      await adapter.client.query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

async function loadEngine() {
  const bindings = await import(ENGINE)
  const bytes = fs.readFileSync(engineFile.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { message: '', set_message: (message) => logError(message) }
  for (const Class of [pg.Client, pg.Pool]) watchResults(Class)
  const models = options('--datamodels').map((file) => [file, fs.readFileSync(file, 'utf8')])
  const factory = bindMigrationAwareSqlAdapterFactory(new EngineAdapter(connection()))
  return bindings.SchemaEngine.new({ datamodels: models.length ? models : undefined }, () => {}, factory)
}

let loading
async function answer({ id, method, params }) {
  try {
    const engine = await (loading ??= loadEngine())
    const call = method === 'getDatabaseVersion' ? 'version' : method
    if (typeof engine[call] !== 'function') throw new Error(`method not supported: ${method}`)
    const result = (await engine[call](params ?? {})) ?? null
    if (method === 'diff' && result?.stdout) {
      write({ jsonrpc: '2.0', id: 1_000_000 + id, method: 'print', params: { content: result.stdout } })
    }
    write({ jsonrpc: '2.0', id, result })
  } catch (error) {
    const message = error?.message ?? String(error)
    const data = { is_panic: false, message, error_code: error?.code, meta: error?.meta }
    write({ jsonrpc: '2.0', id, error: { code: 4466, message, data } })
  }
}

if (args.includes('-V') || args.includes('--version')) {
  process.stdout.write(`schema-engine-cli ${version()}\n`)
} else if (args.includes('cli')) {
  process.exitCode = await runCli(args[args.indexOf('cli') + 1])
} else {
  let last = Promise.resolve()
  const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity })
  lines.on('line', (line) => {
    const message = line.trim() ? JSON.parse(line) : {}
    if (message.method) last = last.then(() => answer(message))
  })
  lines.on('close', () => void last.then(() => process.exit(0)))
}
