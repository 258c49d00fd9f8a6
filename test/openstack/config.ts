import fs from 'node:fs'
import path from 'node:path'

export type Ports = Record<
  'identity' | 'placement' | 'image' | 'compute' | 'network' | 'rabbit' | 'erlang' | 'epmd',
  number
>
export const DATABASES = [
  'keystone',
  'placement',
  'glance',
  'nova_api',
  'nova',
  'nova_cell0',
  'neutron',
] as const
/** Of the services' own account and of the administrator; the cloud is on loopback, and gone after the test. */
export const PASSWORD = 'only-for-this-test'

/** SQLAlchemy's address of a database of a server. */
const databaseUrl = (adminUrl: string, name: string): string => {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')
}

type Sections = Record<string, Record<string, string>>
const ini = (sections: Sections): string =>
  Object.entries(sections)
    .map(
      ([name, values]) =>
        `[${name}]\n${Object.entries(values)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}`,
    )
    .join('\n')

/** Writes the files of all services. @returns the environment that their programs find them by */
export function configure(dir: string, ports: Ports, adminUrl: string): NodeJS.ProcessEnv {
  const at = (port: number, rest = '') => `http://127.0.0.1:${port}${rest}`
  const db = (name: string) => ({
    connection: databaseUrl(adminUrl, name),
    max_pool_size: '3',
    max_overflow: '10',
  })
  const signIn = {
    auth_url: at(ports.identity, '/v3'),
    auth_type: 'password',
    username: 'service',
    password: PASSWORD,
    project_name: 'service',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
    region_name: 'RegionOne',
  }
  const keystone = {
    ...signIn,
    www_authenticate_uri: at(ports.identity, '/v3'),
    service_token_roles_required: 'true',
  }
  const rabbit = `rabbit://guest:guest@127.0.0.1:${ports.rabbit}/`
  const paste = (name: string) => `/etc/${name}/api-paste.ini`
  const files: Record<string, Sections> = {
    'keystone/keystone.conf': {
      database: db('keystone'),
      fernet_tokens: { key_repository: `${dir}/keystone/fernet` },
      credential: { key_repository: `${dir}/keystone/credential` },
      fernet_receipts: { key_repository: `${dir}/keystone/fernet` },
    },
    'placement/placement.conf': {
      api: { auth_strategy: 'keystone' },
      keystone_authtoken: keystone,
      placement_database: db('placement'),
    },
    'glance/glance-api.conf': {
      DEFAULT: { node_staging_uri: `file://${dir}/glance/staging` },
      database: db('glance'),
      keystone_authtoken: keystone,
      paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
      glance_store: {
        stores: 'file',
        default_store: 'file',
        filesystem_store_datadir: `${dir}/glance/images`,
      },
    },
    'nova/nova.conf': {
      DEFAULT: {
        transport_url: rabbit,
        compute_driver: 'fake.FakeDriver',
        state_path: `${dir}/nova`,
        my_ip: '127.0.0.1',
        host: 'fake',
        api_paste_config: paste('nova'),
      },
      wsgi: { api_paste_config: paste('nova') },
      api: { auth_strategy: 'keystone' },
      api_database: db('nova_api'),
      database: db('nova'),
      keystone_authtoken: keystone,
      placement: signIn,
      neutron: signIn,
      glance: { ...signIn, api_servers: at(ports.image) },
      oslo_concurrency: { lock_path: `${dir}/nova/locks` },
      conductor: { workers: '1' },
      scheduler: { workers: '1' },
    },
    'neutron/neutron.conf': {
      DEFAULT: {
        transport_url: rabbit,
        core_plugin: 'ml2',
        service_plugins: '',
        auth_strategy: 'keystone',
        bind_host: '127.0.0.1',
        bind_port: String(ports.network),
        api_workers: '1',
        rpc_workers: '0',
        rpc_state_report_workers: '0',
        notify_nova_on_port_status_changes: 'false',
        notify_nova_on_port_data_changes: 'false',
        api_paste_config: paste('neutron'),
        state_path: `${dir}/neutron`,
      },
      database: db('neutron'),
      keystone_authtoken: keystone,
      oslo_concurrency: { lock_path: `${dir}/neutron/locks` },
      ml2: { type_drivers: 'local', tenant_network_types: 'local', mechanism_drivers: '' },
    },
  }
  for (const name of [
    'keystone',
    'placement',
    'glance/images',
    'glance/staging',
    'nova/locks',
    'nova/instances',
    'neutron/locks',
    'log',
  ])
    fs.mkdirSync(path.join(dir, name), { recursive: true })
  for (const [name, sections] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), ini(sections))
  // looked for beside their own files
  for (const [name, file] of Object.entries({ nova: 'api-paste.ini', glance: 'glance-api-paste.ini' }))
    fs.copyFileSync(`/etc/${name}/${file}`, path.join(dir, name, file))
  return {
    NODE_ENV: 'test',
    PATH: process.env.PATH,
    HOME: dir,
    LANG: 'C.UTF-8',
    OS_KEYSTONE_CONFIG_FILES: `${dir}/keystone/keystone.conf`,
    OS_KEYSTONE_CONFIG_DIR: `${dir}/keystone`,
    OS_PLACEMENT_CONFIG_DIR: `${dir}/placement`,
    OS_GLANCE_CONFIG_DIR: `${dir}/glance`,
    OS_NOVA_CONFIG_DIR: `${dir}/nova`,
    RABBITMQ_NODENAME: 'freehold@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.rabbit),
    RABBITMQ_DIST_PORT: String(ports.erlang),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: `${dir}/rabbit`,
    RABBITMQ_LOG_BASE: `${dir}/log`,
    RABBITMQ_PID_FILE: `${dir}/rabbit.pid`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${dir}/rabbit-plugins`,
  }
}
